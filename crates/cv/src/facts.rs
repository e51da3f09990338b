//! Extracts facts from a CV, each with the passage that states it.
//!
//! A value without a passage does not exist, and personal data such as birth, nationality or family status is never
//! read.

mod contact;
mod date;
mod education;
mod employments;
mod entry_header;
pub(crate) mod experience;
mod extract;
mod json_resume;
mod language_spans;
pub(crate) mod languages;
pub(crate) mod line_view;
mod model;
mod name;
mod personal;
mod phone;
mod prompt_injection;
mod roles;
mod sections;
mod skill_names;
mod skills;

pub use self::{
    date::{End, PartialDate, YearMonth},
    experience::{Experience, Gap},
    extract::extract,
    json_resume::{evidence_json, json_resume},
    language_spans::mark_languages,
    model::{Education, Employment, Fact, Facts, Language, Level, Method, Phone, Proficiency},
};
pub(crate) use self::{phone::warm_up, prompt_injection::is_prompt_injection};
