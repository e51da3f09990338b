//! The colors of states.

use domain::SummaryState;

use crate::ui::Tone;

/// The color of a summary's state.
pub fn summary_tone(state: SummaryState) -> Tone {
    match state {
        SummaryState::Queued => Tone::Neutral,
        SummaryState::Reading | SummaryState::Writing => Tone::Accent,
        SummaryState::Ready => Tone::Good,
        SummaryState::Unreadable => Tone::Warn,
        SummaryState::Failed => Tone::Bad,
    }
}

/// The color of a job's state, which is one of the queue's names.
pub fn job_tone(state: &str) -> Tone {
    match state {
        "executing" => Tone::Accent,
        "completed" => Tone::Good,
        "retryable" => Tone::Warn,
        "discarded" => Tone::Bad,
        _ => Tone::Neutral,
    }
}
