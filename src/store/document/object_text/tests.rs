use proptest::prelude::*;

use super::*;

const PRETTY: Layout = Layout { pretty: true, depth: 0 };
const COMPACT: Layout = Layout { pretty: false, depth: 0 };

fn parse(text: &str) -> ObjectText {
    ObjectText::parse(text).unwrap()
}

#[test]
fn untouched_text_comes_out_byte_for_byte() {
    let text = " {\t\"b\" : 1e21,\n\"a\":[ 1,2 ] , \"b\":\"\\u00e9\" }\n\n";
    assert_eq!(parse(text).render(PRETTY), text);
}

#[test]
fn setting_a_member_replaces_only_its_value() {
    let mut object = parse("{ \"a\" : 1 ,\n \"b\":  -0.0 }");
    object.set("a", "2".into());
    assert_eq!(object.render(PRETTY), "{ \"a\" : 2 ,\n \"b\":  -0.0 }");
}

#[test]
fn a_new_member_goes_last_in_the_host_s_layout() {
    let mut object = parse("{\n  \"a\": 1\n}\n");
    object.set("b", "2".into());
    assert_eq!(object.render(PRETTY), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
}

#[test]
fn a_new_member_of_an_empty_object_opens_it() {
    let mut object = parse("{}");
    object.set("b", "2".into());
    assert_eq!(object.render(Layout { pretty: true, depth: 1 }), "{\n    \"b\": 2\n  }");
    assert_eq!(object.render(COMPACT), "{\"b\":2}");
}

#[test]
fn removing_keeps_the_neighbours() {
    let text = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}";
    let removed = |key: &str| {
        let mut object = parse(text);
        assert!(object.remove(key));
        object.render(PRETTY)
    };
    assert_eq!(removed("a"), "{\n  \"b\": 2,\n  \"c\": 3\n}");
    assert_eq!(removed("b"), "{\n  \"a\": 1,\n  \"c\": 3\n}");
    assert_eq!(removed("c"), "{\n  \"a\": 1,\n  \"b\": 2\n}");
}

#[test]
fn removing_all_leaves_an_empty_object() {
    let mut object = parse("{ \"a\": 1 } ");
    object.remove("a");
    assert_eq!(object.render(PRETTY), "{} ");
}

#[test]
fn of_repeated_keys_the_last_counts() {
    let mut object = parse("{\"a\":1,\"a\":2}");
    assert_eq!(object.get("a"), Some("2"));
    object.set("a", "3".into());
    assert_eq!(object.render(COMPACT), "{\"a\":1,\"a\":3}");
}

#[test]
fn keys_of_any_spelling_are_plain_data() {
    let mut object = parse(r#"{"__proto__":1,"a\/b":2,"\ud800":3,"\"":4}"#);
    assert_eq!(object.get("__proto__"), Some("1"));
    assert_eq!(object.get("a/b"), Some("2"));
    assert_eq!(object.get("\""), Some("4"));
    object.set("a/b", "5".into());
    assert_eq!(object.render(COMPACT), r#"{"__proto__":1,"a\/b":5,"\ud800":3,"\"":4}"#);
}

#[test]
fn anything_but_one_object_is_refused() {
    for text in ["", " ", "[]", "\"x\"", "null", "{\"a\":{", "{} {}", "{\"a\":1,}", "{'a':1}"] {
        assert!(ObjectText::parse(text).is_err(), "{text}");
    }
}

#[test]
fn deep_nesting_is_skipped_without_recursion() {
    let text = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(parse(&text).render(PRETTY), text);
}

proptest! {
    #[test]
    fn any_edit_is_what_json_semantics_say(
        start in proptest::collection::vec(("[a-e]", 0..9i64), 0..6),
        edits in proptest::collection::vec(("[a-g]", proptest::option::of(0..99i64)), 0..8),
        pretty: bool,
    ) {
        let mut expected = serde_json::Map::new();
        for (key, value) in start {
            expected.insert(key, value.into());
        }
        let text = if pretty {
            serde_json::to_string_pretty(&expected).unwrap()
        } else {
            serde_json::to_string(&expected).unwrap()
        };
        let mut object = parse(&text);
        for (key, value) in edits {
            if let Some(value) = value {
                object.set(&key, value.to_string());
                expected.insert(key, value.into());
            } else {
                object.remove(&key);
                expected.shift_remove(&key);
            }
        }
        let written = object.render(Layout { pretty, depth: 0 });
        let again = if pretty {
            serde_json::to_string_pretty(&expected).unwrap()
        } else {
            serde_json::to_string(&expected).unwrap()
        };
        // Equal to what a whole rewrite in the host's layout would give, so hosts see no difference.
        prop_assert_eq!(written, again);
    }
}
