"""Django settings: one page, every value from `env`."""

from __future__ import annotations

import dj_database_url

from backend.config.env import ROOT, read_env

ENV = read_env()

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(ENV.csrf_trusted_origins)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "backend.config",
    "backend.api",
    "backend.core",
    "backend.audit",
    "backend.accounts",
    "backend.imaging",
    "backend.annotation",
    "backend.evaluation",
    "backend.exports",
    "backend.learning",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backend.config.csp.ContentSecurityPolicyMiddleware",
]
ROOT_URLCONF = "backend.config.urls"
WSGI_APPLICATION = "backend.config.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES = (  # empty for type checks, which load the settings but no database
    {"default": dj_database_url.parse(ENV.database_url, conn_max_age=60, conn_health_checks=True)}
    if ENV.database_url
    else {}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

FRONTEND_DIST = ROOT / "frontend" / "dist"
STATIC_URL = "/static/"
WHITENOISE_ROOT = FRONTEND_DIST
WHITENOISE_INDEX_FILE = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
SECURE_SSL_REDIRECT = False  # the reverse proxy redirects
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.https else None
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.api.negotiation.OneForm",
    "DEFAULT_PAGINATION_CLASS": "backend.core.pagination.NewestFirst",
    "EXCEPTION_HANDLER": "backend.api.errors.exception_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ninefold",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.api.schema.add_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoleName": "backend.api.schema.ROLES",
        "CapabilityName": "backend.api.schema.CAPABILITIES",
        "TaskState": "backend.api.schema.TASK_STATES",
        "TaskAction": "backend.api.schema.TASK_ACTIONS",
        "RevisionOrigin": "backend.annotation.models.Origin",
        "ReviewDecision": "backend.annotation.models.Review.Decision",
        "PartitionName": "backend.imaging.models.Partition",
        "PartitionChoice": "backend.api.schema.PARTITIONS",
        "ImportState": "backend.imaging.models.ImportRun.State",
        "JobState": "backend.imaging.models.JobState",
        "HeldStudyState": "backend.imaging.models.HeldStudy.State",
        "RegistrationMethod": "backend.imaging.models.Registration.Method",
        "DatasetFileState": "backend.exports.models.DatasetFile.State",
        "RoundKind": "backend.api.schema.ROUND_KINDS",
        "RoundState": "backend.api.schema.ROUND_STATES",
        "RunState": "backend.api.schema.RUN_STATES",
        "RunKind": "backend.api.schema.RUN_KINDS",
        "ModelState": "backend.api.schema.MODEL_STATES",
        "StepState": "backend.api.schema.STEP_STATES",
    },
}

CELERY_BROKER_URL = ENV.broker_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

VAR_DIR = ENV.var_dir
BLOB_DIR = VAR_DIR / "blobs"
RUN_DIR = VAR_DIR / "runs"
EXPORT_DIR = VAR_DIR / "exports"
UPLOAD_DIR = VAR_DIR / "uploads"
QUARANTINE_DIR = VAR_DIR / "quarantine"
ACCEL_REDIRECT = ENV.accel_redirect
DEVICE = ENV.device
MAX_VOLUME_VOXELS = ENV.max_volume_voxels
QUARANTINE_DAYS = ENV.quarantine_days
IDENTITY_KEYS = ENV.identity_keys

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
