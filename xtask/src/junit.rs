//! The names of failed tests, from the JUnit files that nextest, vitest and Node.js write.

use std::path::Path;

/// The tests that failed, each as `group: name`. None where there is no such file.
pub(crate) fn failed_tests(file: &Path) -> Vec<String> {
    std::fs::read_to_string(file).map_or_else(|_| Vec::new(), |text| failures(&text))
}

fn failures(text: &str) -> Vec<String> {
    // A test case reaches to the next one; what is inside of it says whether it failed.
    let cases = text.split("<testcase").skip(1);
    cases
        .filter_map(|case| {
            let (head, body) = case.split_once('>')?;
            let body = body.split("</testcase>").next().unwrap_or(body);
            let failed = !head.ends_with('/') && (body.contains("<failure") || body.contains("<error"));
            failed.then(|| match (attribute(head, "classname"), attribute(head, "name")?) {
                // Node.js calls every group `test`.
                (Some(group), name) if group != "test" => Some(format!("{group}: {name}")),
                (_, name) => Some(name),
            })?
        })
        .collect()
}

/// An attribute's value. All three writers escape `<`, `>` and `"` in it.
fn attribute(head: &str, name: &str) -> Option<String> {
    let (_, value) = head.split_once(&format!(" {name}=\""))?;
    let (value, _) = value.split_once('"')?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'")]
        .iter()
        .fold(value.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_of_nextest_are_named_with_their_program() {
        let text = r#"<testsuites><testsuite name="tidemark-journeys::tray">
            <testcase name="a_click" classname="tidemark-journeys::tray" time="1.0"></testcase>
            <testcase name="it_comes" classname="tidemark-journeys::tray" time="1.0">
              <failure type="test failure">thread panicked</failure></testcase>
            <testcase name="inner::works" classname="xtask" time="1.0"/>
            <system-out>&lt;failure</system-out></testsuite></testsuites>"#;
        assert_eq!(failures(text), ["tidemark-journeys::tray: it_comes"]);
    }

    #[test]
    fn failed_tests_of_vitest_and_node_are_named() {
        let text = r#"<testcase classname="src/test/pages.test.ts" name="keys &gt; says &quot;a &amp; b&quot;">
            <failure message="x">…</failure></testcase>
            <testcase name="an export is saved" time="0.2" classname="test"><failure/></testcase>
            <testcase name="not run" classname="test"><skipped/></testcase>"#;
        assert_eq!(failures(text), [r#"src/test/pages.test.ts: keys > says "a & b""#, "an export is saved"]);
    }
}
