//! The page by its structure.

use esp_https::{hil::outcome::HilRun, report::hil::html};
use serde_json::Value;

use crate::sample;

pub(crate) fn page(run: Value) -> String {
    let run: HilRun = serde_json::from_value(run).unwrap();
    html(&run)
}

fn all() -> Vec<(&'static str, String)> {
    vec![
        ("green", page(sample::green())),
        ("regression", page(sample::regression())),
        ("lab", page(sample::lab_failure())),
        ("interrupted", page(sample::interrupted())),
        ("hostile", page(sample::hostile())),
    ]
}

/// The tags of a page, in order, without their attributes.
fn tags(html: &str) -> Vec<String> {
    let body = html.split_once("</style>").unwrap().1;
    let starts = body.split('<').skip(1);
    starts.map(|tag| tag.split(['>', ' ', '\n']).next().unwrap().to_owned()).collect()
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_no_script() {
    for (name, html) in all() {
        for part in [
            "<script", "src=", "@import", "url(", "<link", "<iframe", "onload", "onerror=", "http://",
            "https://",
        ] {
            let body = html.split_once("</style>").unwrap();
            assert!(!body.0.contains(part) && !body.1.contains(part), "{name}: {part}");
        }
    }
}

#[test]
fn every_element_is_closed_in_its_order() {
    // HTML closes these without a tag.
    let open_ended = ["td", "meta", "br", "use", "circle", "path", "rect", "ellipse"];
    for (name, html) in all() {
        let mut open: Vec<String> = Vec::new();
        for tag in tags(&html) {
            match tag.strip_prefix('/') {
                Some(closed) if open_ended.contains(&closed) => {}
                Some("head" | "body" | "html") => {}
                Some(closed) => {
                    let last = open.pop();
                    assert_eq!(last.as_deref(), Some(closed), "{name}");
                }
                None if open_ended.contains(&tag.as_str()) || tag == "body" => {}
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

#[test]
fn every_link_inside_the_page_leads_to_a_row_or_a_shape_that_is_there_once() {
    for (name, html) in all() {
        let targets: Vec<&str> =
            html.split("href=\"#").skip(1).map(|it| it.split('"').next().unwrap()).collect();
        assert!(!targets.is_empty());
        for target in targets {
            assert_eq!(html.matches(&format!(" id=\"{target}\"")).count(), 1, "{name}: {target}");
        }
    }
}

#[test]
fn failures_come_first_and_each_state_has_its_word() {
    let html = page(sample::regression());
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is not on the page"));
    let order = [
        "The firmware is at fault.",
        "What went wrong",
        "memory allocation of 16717 bytes failed",
        "Since the older run",
        "id=\"b0s0\"",
        "id=\"b1s10\"",
        "Findings</h2>",
    ];
    let places = order.map(place);
    assert!(places.is_sorted(), "{places:?}");
    for word in ["regression</span>", "could not tell</span>", "not run", "skipped"] {
        place(word);
    }
    let green = page(sample::green());
    assert!(!green.contains("What went wrong") && green.contains("Nothing is wrong."));
}

#[test]
fn a_run_that_has_not_ended_says_so() {
    let mut run = sample::interrupted();
    run["progress"] = "running".into();
    let html = page(run);
    assert!(html.contains("The run has not ended.") && html.contains("<title>bench (not ended)"));
}

#[test]
fn what_others_say_stays_text() {
    let html = page(sample::hostile());
    assert!(!html.contains("<script") && !html.contains("<!--") && !html.contains('\u{202e}'));
    assert!(!html.contains("href=\"javascript:") && !html.contains("href=\"../"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

/// Relative luminance and contrast as WCAG 2.2 defines them.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let hex = color.trim_start_matches('#');
        let hex = if hex.len() == 3 {
            hex.chars().flat_map(|digit| [digit, digit]).collect()
        } else {
            hex.to_owned()
        };
        let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        let linear =
            |value: f64| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(channel(0)) + 0.7152 * linear(channel(2)) + 0.0722 * linear(channel(4))
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_colour_of_text_can_be_read_in_light_and_in_dark() {
    let html = page(sample::green());
    let themes: Vec<&str> = html.split(":root{").skip(1).map(|it| it.split('}').next().unwrap()).collect();
    assert_eq!(themes.len(), 2);
    for theme in themes {
        let color = |name: &str| {
            let found = theme.split(';').find_map(|rule| rule.strip_prefix(&format!("--{name}:")));
            found.unwrap_or_else(|| panic!("--{name} is not in {theme}"))
        };
        for text in ["ink", "faint", "link", "passed", "bad", "lab", "unsure", "scenario", "stopped", "idle"]
        {
            for ground in ["paper", "panel"] {
                let found = contrast(color(text), color(ground));
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
    }
}

#[test]
fn the_schema_describes_the_runs_of_these_tests() {
    let schema = support::document::schema("hil");
    for run in [sample::green(), sample::regression(), sample::lab_failure(), sample::interrupted()] {
        let run: HilRun = serde_json::from_value(run).unwrap();
        let document =
            serde_json::json!({"schema": "esp-https/hil/1", "exit_code": 0, "result": run, "error": null});
        support::document::assert_valid(&schema, &document);
    }
}
