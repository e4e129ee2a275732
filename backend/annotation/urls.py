"""Routes of annotation."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.http import conditional_page

from backend.annotation.api import checks, effort, found_masks, masks, proposals, tasks

urlpatterns = [
    path("projects/<slug:slug>/tasks", tasks.TaskList.as_view()),
    path("projects/<slug:slug>/tasks/counts", tasks.TaskCounts.as_view()),
    path("projects/<slug:slug>/tasks/next", tasks.NextTask.as_view()),
    path("projects/<slug:slug>/checks", checks.ProjectChecks.as_view()),
    path("tasks/<int:pk>", conditional_page(tasks.TaskDetail.as_view())),  # asked for again and again by its page
    path("tasks/<int:pk>/claim", tasks.ClaimTask.as_view()),
    path("tasks/<int:pk>/release", tasks.ReleaseTask.as_view()),
    path("tasks/<int:pk>/submit", tasks.SubmitTask.as_view()),
    path("tasks/<int:pk>/checks", checks.TaskChecks.as_view()),
    path("tasks/<int:pk>/approve", tasks.ApproveTask.as_view()),
    path("tasks/<int:pk>/return", tasks.ReturnTask.as_view()),
    path("tasks/<int:pk>/reopen", tasks.ReopenTask.as_view()),
    path("tasks/<int:pk>/withdraw", tasks.WithdrawTask.as_view()),
    path("tasks/<int:pk>/mask", masks.TaskMask.as_view()),
    path("tasks/<int:pk>/slices", tasks.AskForSlices.as_view()),
    path("tasks/<int:pk>/proposal", proposals.ProposalMask.as_view()),
    path("tasks/<int:pk>/proposal/decline", proposals.DeclineProposal.as_view()),
    path("tasks/<int:pk>/origins", effort.OriginsView.as_view()),
    path("tasks/<int:pk>/activity", effort.ActivityView.as_view()),
    path("projects/<slug:slug>/found-masks", found_masks.FoundMasksView.as_view()),
    path("volumes/<int:volume_id>/found-masks", found_masks.AddMaskView.as_view()),
    path("found-masks/<int:pk>", found_masks.FoundMaskView.as_view()),
    path("found-masks/<int:pk>/segments/<int:segment>", found_masks.SegmentView.as_view()),
    path("found-masks/<int:pk>/apply", found_masks.ApplyView.as_view()),
    path("found-masks/<int:pk>/discard", found_masks.DiscardView.as_view()),
    path("tasks/<int:pk>/revisions", masks.RevisionList.as_view()),
]
