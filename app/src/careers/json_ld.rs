//! A posting as search engines read it: schema.org's `JobPosting` in JSON-LD.

use domain::Posting;
use serde_json::json;

use crate::time;

/// JSON for a `<script>`: no `<` in it, so that nothing in a posting can end the element.
pub(super) fn job_posting(posting: &Posting) -> String {
    let address = json!({ "@type": "PostalAddress", "addressLocality": posting.location });
    json!({
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": posting.title,
        "description": description(posting),
        "datePosted": time::iso(posting.published_at),
        "employmentType": posting.employment_type,
        "hiringOrganization": { "@type": "Organization", "name": posting.organisation },
        "jobLocation": { "@type": "Place", "address": address },
        "identifier": { "@type": "PropertyValue", "name": posting.organisation, "value": posting.slug },
        "directApply": true,
    })
    .to_string()
    .replace('<', "\\u003c")
}

/// schema.org wants HTML here.
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
    fn nothing_in_a_posting_can_end_the_script() {
        let posting = Posting {
            id: "0199a0aa-0000-7000-8000-000000000000".parse::<PostingId>().unwrap(),
            slug: "x".into(),
            title: "</script><script>alert(1)</script>".into(),
            location: "Lisbon".into(),
            employment_type: "FULL_TIME".into(),
            organisation: "Acme & <Sons>".into(),
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
