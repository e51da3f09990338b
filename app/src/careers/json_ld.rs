//! A posting as a schema.org `JobPosting` in JSON-LD, which search engines read.

use domain::Posting;
use serde_json::json;

use crate::i18n;

/// The JSON-LD of a posting, for a `<script>` element. Every `<` is escaped, so that no text of a
/// posting can end the element.
pub(super) fn job_posting(posting: &Posting) -> String {
    let address = json!({ "@type": "PostalAddress", "addressLocality": posting.location });
    json!({
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": posting.title,
        "description": description(posting),
        "datePosted": i18n::iso_day(posting.published_at),
        "employmentType": posting.employment_type,
        "hiringOrganization": { "@type": "Organization", "name": posting.organization },
        "jobLocation": { "@type": "Place", "address": address },
        "identifier": { "@type": "PropertyValue", "name": posting.organization, "value": posting.slug },
        "directApply": true,
    })
    .to_string()
    .replace('<', "\\u003c")
}

/// The description as HTML, as schema.org asks for.
fn description(posting: &Posting) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs = posting.description.split("\n\n").map(|text| format!("<p>{}</p>", escape(text)));
    let wanted = posting.must_haves.iter().map(|text| format!("<li>{}</li>", escape(text)));
    format!("{}<ul>{}</ul>", paragraphs.collect::<String>(), wanted.collect::<String>())
}

#[cfg(test)]
mod tests {
    use domain::PostingId;

    use super::*;

    #[test]
    fn no_text_of_a_posting_ends_the_script_element() {
        let posting = Posting {
            id: "0199a0aa-0000-7000-8000-000000000000".parse::<PostingId>().unwrap(),
            slug: "x".into(),
            title: "</script><script>alert(1)</script>".into(),
            location: "Lisbon".into(),
            employment_type: "FULL_TIME".into(),
            organization: "Acme & <Sons>".into(),
            description: "One.\n\nTwo <b>.".into(),
            must_haves: vec!["Rust".into()],
            open: true,
            published_at: 0,
        };
        let text = job_posting(&posting);
        assert!(!text.contains('<'));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["title"], posting.title);
        assert_eq!(json["description"], "<p>One.</p><p>Two &lt;b&gt;.</p><ul><li>Rust</li></ul>");
        assert_eq!(json["datePosted"], "1970-01-01");
    }
}
