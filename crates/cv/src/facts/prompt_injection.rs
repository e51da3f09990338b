//! Detects text that is addressed to a language model instead of a person.

/// Whether `text` contains instructions to a language model that reads it.
pub(crate) fn is_prompt_injection(text: &str) -> bool {
    let text = text.to_lowercase();
    let marks = [
        "ignore all previous",
        "ignore previous instructions",
        "ignore the above",
        "disregard all previous",
        "disregard previous",
        "system prompt",
        "you are an ai",
        "as an ai",
        "language model must",
        "rank this candidate",
    ];
    marks.iter().any(|mark| text.contains(mark))
}
