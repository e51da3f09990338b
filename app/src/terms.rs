//! What the interface calls the domain's values.

use domain::{
    LineKind, Stage,
    notice::{HiddenReason, UnreadReason},
};

use crate::i18n::{application, terms};

/// A stage as recruiters see it.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Applied => terms::stage_applied(),
        Stage::Review => terms::stage_review(),
        Stage::Interview => terms::stage_interview(),
        Stage::Offer => terms::stage_offer(),
        Stage::Hired => terms::stage_hired(),
        Stage::Declined => terms::stage_declined(),
    }
}

/// The heading above the lines of one kind.
pub fn line_kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Name => terms::line_name(),
        LineKind::CurrentRole => terms::line_current_role(),
        LineKind::PreviousRole => terms::line_previous_role(),
        LineKind::Education => terms::line_education(),
        LineKind::Experience => terms::line_experience(),
        LineKind::MustHave => terms::line_must_have(),
        LineKind::Skill => terms::line_skill(),
        LineKind::Language => terms::line_language(),
        LineKind::Highlight => terms::line_highlight(),
        LineKind::ToVerify => terms::line_to_verify(),
    }
}

/// Why a page could not be read and what to do, to follow a colon.
pub fn unread_reason(reason: UnreadReason) -> &'static str {
    match reason {
        UnreadReason::Picture => application::unread_picture(),
        UnreadReason::UnmappedFont => application::unread_font(),
        UnreadReason::Damaged => application::unread_damaged(),
        UnreadReason::Blank => application::unread_blank(),
    }
}

/// How text is hidden on its page, to follow a colon.
pub fn hidden_reason(reason: HiddenReason) -> &'static str {
    match reason {
        HiddenReason::NoInk => application::hidden_no_ink(),
        HiddenReason::Tiny => application::hidden_tiny(),
        HiddenReason::OffPage => application::hidden_off_page(),
        HiddenReason::Invisible => application::hidden_invisible(),
        HiddenReason::NoGlyph => application::hidden_no_glyph(),
    }
}
