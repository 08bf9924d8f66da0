//! Keys in environment variables, in the forms in which people keep several.
//!
//! Protocol: for `NAME` the variable itself, then `NAME_FILE`, then `NAME_1`, `NAME_2`, … and their `_FILE` in the order of
//! their numbers; for `NAME_*` every variable that begins so, by name. A value may be a list, by commas or lines.
//!
//! Invariant: errors name variables and files, never what is in them.

use std::path::Path;

/// What is wrong, in words that go on after the name of the argument.
pub(crate) type Problem = String;

/// The variables of a process. A variable that is set to nothing is set.
pub(crate) trait Variables {
    fn names(&self) -> Vec<String>;
    fn get(&self, name: &str) -> Option<String>;
    fn read_file(&self, path: &Path) -> std::io::Result<String>;
}

/// The keys, in their order, each once.
pub(crate) fn keys(pattern: &str, variables: &impl Variables) -> Result<Vec<String>, Problem> {
    let pattern = pattern.trim();
    let names = match pattern.strip_suffix('*') {
        Some(prefix) => starting_with(prefix, variables),
        None => numbered(pattern, variables),
    };
    let mut keys: Vec<String> = Vec::new();
    for name in names {
        for key in values(&name, variables)? {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    if keys.is_empty() { Err(nothing_found(pattern)) } else { Ok(keys) }
}

fn nothing_found(pattern: &str) -> Problem {
    if pattern.ends_with('*') {
        return format!("finds no key: no environment variable is called {pattern}");
    }
    format!(
        "finds no key: none of the environment variables {pattern}, {pattern}_FILE, {pattern}_1, {pattern}_2, … (or \
         {pattern}_1_FILE, …) is set"
    )
}

fn starting_with(prefix: &str, variables: &impl Variables) -> Vec<String> {
    let mut names = variables.names();
    names.retain(|name| name.len() > prefix.len() && name.starts_with(prefix));
    // By number where it is one, so that 10 comes after 9.
    names.sort_by_cached_key(|name| {
        let rest = name.strip_prefix(prefix).unwrap_or_default();
        let number = rest.trim_end_matches("_FILE").parse::<u64>();
        (number.unwrap_or(u64::MAX), name.clone())
    });
    names
}

fn numbered(name: &str, variables: &impl Variables) -> Vec<String> {
    let prefix = format!("{name}_");
    let mut found = vec![name.to_owned(), format!("{name}_FILE")];
    found.retain(|name| variables.get(name).is_some());
    let is_numbered = |name: &String| {
        let rest = name.strip_prefix(&prefix).unwrap_or_default();
        let rest = rest.strip_suffix("_FILE").unwrap_or(rest);
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    found.extend(starting_with(&prefix, variables).into_iter().filter(is_numbered));
    found
}

fn values(name: &str, variables: &impl Variables) -> Result<Vec<String>, Problem> {
    let value = variables.get(name).unwrap_or_default();
    if value.trim().is_empty() {
        return Err(format!("finds {name} set to nothing: set it, or take it away"));
    }
    if !name.ends_with("_FILE") {
        return list(&value, name);
    }
    let path = value.trim();
    let content = variables.read_file(Path::new(path));
    let content =
        content.map_err(|fault| format!("cannot read {path}, which {name} names: {fault}"))?;
    list(&content, &format!("{path}, which {name} names,"))
}

fn list(text: &str, whence: &str) -> Result<Vec<String>, Problem> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let has_blank = |key: &&str| key.is_empty() || key.contains(char::is_whitespace);
    match keys.iter().position(has_blank) {
        _ if keys.is_empty() => Err(format!("finds no key: {whence} is empty")),
        Some(place) => Err(format!(
            "finds no key in place {} of {whence}: it is empty or has blanks inside",
            place + 1
        )),
        None => Ok(keys.into_iter().map(str::to_owned).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io;

    use super::*;

    struct Fixed(BTreeMap<&'static str, &'static str>);

    impl Variables for Fixed {
        fn names(&self) -> Vec<String> {
            self.0.keys().map(|name| (*name).to_owned()).collect()
        }

        fn get(&self, name: &str) -> Option<String> {
            self.0.get(name).map(|value| (*value).to_owned())
        }

        fn read_file(&self, path: &Path) -> io::Result<String> {
            match path.to_str() {
                Some("/run/keys") => Ok("f1\n\nf2, f3\r\n".to_owned()),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        }
    }

    fn found(pattern: &str, variables: &[(&'static str, &'static str)]) -> Vec<String> {
        keys(pattern, &Fixed(variables.iter().copied().collect())).unwrap()
    }

    fn problem(pattern: &str, variables: &[(&'static str, &'static str)]) -> String {
        keys(pattern, &Fixed(variables.iter().copied().collect())).unwrap_err()
    }

    #[test]
    fn the_name_itself_may_hold_one_or_a_list() {
        assert_eq!(found("K", &[("K", "a")]), ["a"]);
        assert_eq!(found("K", &[("K", " a , b\nc ")]), ["a", "b", "c"]);
    }

    #[test]
    fn numbered_names_follow_by_number_and_others_do_not_count() {
        let all =
            [("K_10", "d"), ("K_2", "c"), ("K_1", "b"), ("K", "a"), ("K_OLD", "x"), ("KEY", "y")];
        assert_eq!(found("K", &all), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_star_takes_every_name_that_begins_so() {
        let all = [("K_B", "b"), ("K_A", "a"), ("K_2", "two"), ("K_10", "ten"), ("K", "x")];
        assert_eq!(found("K_*", &all), ["two", "ten", "a", "b"]);
    }

    #[test]
    fn files_hold_keys_too() {
        assert_eq!(found("K", &[("K_FILE", "/run/keys")]), ["f1", "f2", "f3"]);
        assert_eq!(found("K", &[("K_1_FILE", "/run/keys"), ("K", "a")]), ["a", "f1", "f2", "f3"]);
        assert!(problem("K", &[("K_FILE", "/no")]).contains("cannot read /no, which K_FILE names"));
    }

    #[test]
    fn the_order_is_kept_and_doubles_are_dropped() {
        assert_eq!(found("K", &[("K", "b,a,b"), ("K_1", "a"), ("K_2", "c")]), ["b", "a", "c"]);
    }

    #[test]
    fn blanks_are_refused_by_name_and_no_key_is_shown() {
        assert!(problem("K", &[("K", " ")]).contains("K set to nothing"));
        for list in ["secret,,other", "secret,", "sec ret"] {
            let problem = problem("K", &[("K", list)]);
            assert!(problem.contains("of K:") && !problem.contains("sec"), "{problem}");
        }
    }

    #[test]
    fn what_was_looked_for_is_named() {
        let problem = problem("K", &[("OTHER", "x")]);
        for name in ["K,", "K_FILE", "K_1", "K_2"] {
            assert!(problem.contains(name), "{problem}");
        }
        assert!(super::keys("K_*", &Fixed(BTreeMap::new())).unwrap_err().contains("K_*"));
    }
}
