//! The page for a browser: everything is in it, and nothing in it can do anything.

use groupsync::report::html;

use crate::report::hostile::{NAMES, fleet};
use crate::report::second;

fn page(plan: &groupsync::plan::value::Plan, desired: &groupsync::desired::state::DesiredState) -> String {
    html::plan(plan, desired).collect()
}

#[test]
fn a_page_shows_every_operation_of_every_customer() {
    let scene = second();
    let page = page(&scene.sweep(), &scene.desired);
    // The style is no words.
    let body = &page[page.find("<body>").unwrap()..];
    insta::assert_snapshot!(body.replace("><", ">\n<"));
}

#[test]
fn the_page_allows_itself_nothing_but_its_own_style() {
    let scene = second();
    let page = page(&scene.sweep(), &scene.desired);
    let policy = page.split("Content-Security-Policy").nth(1).unwrap().split('>').next().unwrap();
    assert!(policy.contains("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for forbidden in ["<script", "<img", "<link", "<iframe", " style=", " src=", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

/// Nothing in a page is a tag, an attribute or a link but ours.
pub(super) fn assert_harmless_page(page: &str) {
    let ours = [
        "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p", "dl",
        "div", "dt", "dd", "ul", "li", "span", "bdi", "a", "details", "summary", "table", "tbody", "tr",
        "th", "td", "small", "strong", "fieldset", "legend", "label", "input", "footer", "pre",
    ];
    assert!(!page.chars().any(|c| c != '\n' && groupsync::model::hidden::is_hidden(c)));
    for tag in page.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split(['>', ' ']).next().unwrap();
        assert!(ours.contains(&name), "<{tag}");
        let attributes = tag.split('>').next().unwrap();
        assert!(!attributes.contains("onerror") && !attributes.contains("onmouseover"), "<{tag}");
    }
    for cell in page.split("<bdi>").skip(1) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "a formula: {cell}");
    }
    for link in page.split("href=\"").skip(1) {
        assert!(link.starts_with("#c-www.customer-"), "{link}");
    }
}

/// Tried: `PreEscaped` around a name → "<img src=x onerror=alert(1)>".
#[test]
fn no_name_becomes_anything_but_text() {
    let names = NAMES.map(str::to_owned);
    for seed in 0..40 {
        let (plan, desired) = fleet(seed, 12, 12, &names);
        assert_harmless_page(&page(&plan, &desired));
    }
}
