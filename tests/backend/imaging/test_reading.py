"""Whatever a file does to the process that reads it, the file is refused by name of reason and the rest comes in."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.core import blobs
from backend.imaging.keys import key_of
from backend.imaging.reading import protocol
from backend.imaging.reading.blame import ReadingFailed
from backend.imaging.reading.confinement import REFUSED
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.limits import Limits
from backend.imaging.reading.process import ROOT, ReadingProcess
from backend.imaging.reading.reader import Reader
from backend.imaging.sources import files_below
from tests.backend.imaging.dicom_files import StudyWriter

MEMORY = 1024 * 2**20
QUICK = Limits(memory_bytes=MEMORY, file_silence_s=4, study_silence_s=4)
# Runs the real program, in which what a marked file meets is bent.
PROGRAM = """
import os, runpy, signal, sys, time
import numpy as np
from backend.imaging.dicom import scan
from backend.imaging.reading import dicom_study, limits, output
limits.FILE_CPU_S = 1
from backend.imaging.reading import survey
real_header, real_pixels, real_put = scan.read_header, dicom_study.read_pixels, output.Output.put
answers = 3  # the first free number is that of the copy of standard output

def harm():
    {harm}

def header(path):
    if "bad-header" in str(path):
        harm()
    return real_header(path)

def pixels(stack):
    if "bad-pixels" in str(stack.headers[0].path):
        harm()
    return real_pixels(stack)

scan.read_header, dicom_study.read_pixels = header, pixels
runpy.run_module("backend.imaging.reading", run_name="__main__")
"""
HARMS = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "broke down"),
    "aborted": ("os.abort()", "broke down"),
    "memory": ("np.ones(8 * 2**30, dtype=np.uint8)", "needed more memory than it may have"),
    "hangs": ("time.sleep(600)", "did not come to an end"),
    "leaves": ("os._exit(0)", "broke down"),
    "garbage": ("os.write(answers, b'garbage' + bytes([10]))", "gave an answer that cannot be used"),
    "another kind": ("""os.write(answers, b'["Survey",{}]' + bytes([10]))""", "gave an answer that cannot be used"),
    "no end": ("""os.write(answers, b'["At",' + b'[' * 100000 + bytes([10]))""", "gave an answer that cannot be used"),
}


def bent(harm: str) -> tuple[str, ...]:
    return (sys.executable, "-c", PROGRAM.replace("{harm}", harm), str(MEMORY))


@pytest.fixture
def reader(project):
    made = []

    def make(harm: str = "", limits: Limits = QUICK) -> Reader:
        one = Reader(key_of(project), limits=limits, command=bent(harm) if harm else ())
        made.append(one)
        return one.__enter__()

    yield make
    for one in made:
        one.__exit__(None, None, None)


def two_studies(incoming: Path, mark: str):
    """One study with a marked file, which is its first, and one without."""
    bad = StudyWriter(incoming / "a", patient={"PatientID": "A", "StudyDate": "20200101"}).add_dynamic()
    StudyWriter(incoming / "b", patient={"PatientID": "B", "StudyDate": "20210101"}).add_dynamic()
    for path in bad[1] if mark == "bad-pixels" else bad[1][:1]:
        path.rename(path.with_name(f"{path.name}-{mark}"))
    return files_below(incoming, numbered=False)[0]


@pytest.mark.parametrize("name", HARMS)
def test_a_file_that_ends_the_process_is_left_out_alone(incoming, reader, name):
    harm, words = HARMS[name]
    files = two_studies(incoming, "bad-header")
    found = reader(harm).survey(files)
    (refusal,) = found.refused
    assert found.refused[refusal] == 1
    assert refusal.one.endswith(words)
    assert refusal.level == "error"
    assert refusal.action
    assert [len(case.files) for case in found.cases] == [11, 12]


@pytest.mark.parametrize("name", HARMS)
def test_a_study_that_ends_the_process_is_refused_alone(incoming, reader, name):
    harm, words = HARMS[name]
    one = reader(harm)
    bad, good = one.survey(two_studies(incoming, "bad-pixels")).cases
    with pytest.raises(StudyRefused) as refused:
        one.build(bad, dates_of=bad.source_key)
    (fault,) = refused.value.faults
    assert (fault.subject, fault.message) == ("the program that reads it", words)
    built = one.build(good, dates_of=good.source_key)
    assert len(built.study.volumes[0].phases) == 3
    built.keep()
    assert all(blobs.path_of(digest).exists() for digest in built.digests)


def test_a_file_that_takes_processor_time_without_end_is_stopped_by_the_kernel(incoming, reader):
    limits = Limits(memory_bytes=MEMORY, file_silence_s=60)
    found = reader("while True: pass", limits).survey(two_studies(incoming, "bad-header"))
    (refusal,) = found.refused
    assert refusal.one.endswith("took more time than it may have")


def test_prints_and_warnings_of_libraries_do_not_reach_the_answers(incoming, reader):
    harm = """print('["Surveyed",{}]'); os.write(1, b'["At",{}]' + bytes([10])); import warnings; warnings.warn('x')"""
    found = reader(harm).survey(two_studies(incoming, "bad-header"))
    assert not found.refused
    assert [len(case.files) for case in found.cases] == [12, 12]


def test_an_unexpected_error_is_told_by_kind_and_place_without_its_text(incoming, reader):
    one = reader("import statistics; statistics.mode([])")  # raises with a text of its own
    bad, good = one.survey(two_studies(incoming, "bad-pixels")).cases
    with pytest.raises(StudyRefused) as refused:
        one.build(bad, dates_of=bad.source_key)
    (fault,) = refused.value.faults
    assert re.fullmatch(r"failed \(StatisticsError at statistics\.py:\d+\)", fault.message)
    assert one.build(good, dates_of=good.source_key).study.volumes


def test_an_error_that_claims_to_come_from_elsewhere_is_not_passed_on(incoming, reader):
    one = reader("""os.write(answers, b'["Failed",{"error":"Doe Jane","spot":"x"}]' + bytes([10]))""")
    bad, _ = one.survey(two_studies(incoming, "bad-pixels")).cases
    with pytest.raises(StudyRefused) as refused:
        one.build(bad, dates_of=bad.source_key)
    assert refused.value.faults[0].message == "gave an answer that cannot be used"


def test_a_file_that_is_not_what_its_name_says_is_not_taken(incoming, reader, settings):
    one = reader()
    (case,) = one.survey(files_below(StudyWriter(incoming).add_dynamic()[0][0].parents[1], numbered=False)[0]).cases
    built = one.build(case, dates_of=case.source_key)
    changed = built.files.folder / built.study.volumes[0].thumbnail  # written last, so that nobody has looked at it yet
    changed.write_bytes(b"something else")
    with pytest.raises(StudyRefused, match="1 faults"):
        built.keep()
    assert list(settings.BLOB_DIR.glob("??/*")) == []
    assert not built.files.folder.exists()


def test_the_process_knows_no_secret_and_holds_its_limits(reader, monkeypatch):
    monkeypatch.setenv("NINEFOLD_SECRET_KEY", "very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@somewhere/very-secret")
    one = reader()
    one.survey([])
    pid = one._process.pid
    environ = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"secret" not in environ
    assert b"DATABASE" not in environ
    limits = Path(f"/proc/{pid}/limits").read_text()
    for wanted in (r"Max core file size +0 +0", r"Max data size +\d+ +1073741824", r"Max open files +256 +256"):
        assert re.search(wanted, limits), wanted
    assert os.getsid(pid) == pid
    mapped = Path(f"/proc/{pid}/maps").read_text()
    assert "psycopg" not in mapped


def test_neither_django_nor_a_database_is_loaded():
    code = """
import sys
import backend.imaging.reading.serving
print([name for name in ("django", "psycopg", "celery") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "call",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "os.execv('/bin/true', ['true'])",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import ctypes; c = ctypes.CDLL(None, use_errno=True)\n    if c.ptrace(16, os.getppid(), 0, 0) < 0: "
        "raise PermissionError(ctypes.get_errno())",
    ],
    ids=["internet", "local socket", "another program", "a child", "another process"],
)
@pytest.mark.skipif(platform.machine() not in REFUSED, reason="no filter for this machine")
def test_the_process_reaches_neither_network_nor_programs(incoming, reader, call):
    one = reader(call)
    bad, _ = one.survey(two_studies(incoming, "bad-pixels")).cases
    with pytest.raises(StudyRefused) as refused:
        one.build(bad, dates_of=bad.source_key)
    message = refused.value.faults[0].message
    assert "PermissionError" in message or "cannot be used" in message, message


def test_the_filter_is_in_force(reader):
    one = reader()
    one.survey([])
    status = Path(f"/proc/{one._process.pid}/status").read_text()
    assert re.search(r"Seccomp:\s+2", status)
    assert re.search(r"NoNewPrivs:\s+1", status)


def test_the_process_ends_with_its_parent(tmp_path):
    code = f"""
import sys, time
from pathlib import Path
from backend.imaging.reading.process import ReadingProcess
process = ReadingProcess(Path({str(tmp_path)!r}), memory_bytes={MEMORY})
print(process.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_program_that_does_not_start_is_told(project, incoming):
    StudyWriter(incoming).add_dynamic()
    files, _ = files_below(incoming, numbered=False)
    with (
        Reader(key_of(project), limits=QUICK, command=("false",)) as one,
        pytest.raises(ReadingFailed, match="could not be started"),
    ):
        one.survey(files)


def test_what_comes_back_names_nobody_but_in_the_identity(incoming, reader):
    StudyWriter(incoming, patient={"PatientID": "ZQ-1", "PatientName": "Zwitscher^Quirin"}).add_dynamic()
    one = reader()
    (case,) = one.survey(files_below(incoming, numbered=False)[0]).cases
    study = one.build(case, dates_of=case.source_key).study
    told = json.loads(protocol.encode(protocol.Built(study)))[1]["study"]
    identity = told.pop("identity")
    assert identity == {"patient_id": "ZQ-1", "issuer": "", "name": "Zwitscher^Quirin", "birth_date": ""}
    for word in ("zwitscher", "quirin", "zq-1"):
        assert word not in json.dumps(told).lower()


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b'["At"]', b'["At",{"place":1.5}]', b'["At",{"place":NaN}]', b'["At",{"place":1,"more":2}]', b"\xff"],
)
def test_lines_that_are_no_answers_are_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - each its own words
        protocol.answer_of(line)


def test_messages_come_back_as_they_were():
    for message in (protocol.At(3), protocol.Step(2), protocol.Unpacked(("ä\n", "b")), protocol.Failed("X", "y.py:1")):
        assert protocol.answer_of(protocol.encode(message).rstrip(b"\n")) == message
    assert protocol.encode(protocol.Unpacked(("a\nb",))).count(b"\n") == 1


def test_a_process_that_floods_its_output_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.imaging.reading.process.MAX_LINE_BYTES", 2**20)
    code = "import os\nwhile True: os.write(1, bytes(65536))"
    process = ReadingProcess(tmp_path, memory_bytes=MEMORY, command=(sys.executable, "-c", code))
    with pytest.raises(Exception, match="cannot be used"):
        process.ask(protocol.Survey("", ()), silence_s=20, limit_s=60, heard=lambda event: None)
    assert not Path(f"/proc/{process.pid}").exists()
