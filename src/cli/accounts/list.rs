//! `list`: who there is, and where each one's secret lies.

use serde_json::json;

use crate::cli::profiles::Pool;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown, width};
use crate::cli::text::terminal::Look;
use crate::profiles::order::Kind;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::store::edits::marks::Documents;

/// One account.
struct Row {
    id: String,
    provider: String,
    kind: String,
    secret: String,
}

fn rows(documents: &Documents, pool: &Pool) -> Vec<Row> {
    let row = |entry: &crate::store::edits::candidates::Entry| {
        let text = documents.profile_text(&entry.id).map(|(text, _)| text).unwrap_or_default();
        let credential = Kind::parse(&entry.kind).map(|kind| AttemptCredential::parse(text, kind));
        let secret = match credential {
            Some(credential) if !credential.api_key.trim().is_empty() => "in the store".to_owned(),
            Some(AttemptCredential { reference: Some(reference), .. }) => reference.to_string(),
            _ => "none".to_owned(),
        };
        let (id, provider, kind) = (entry.id.clone(), entry.provider.clone(), entry.kind.clone());
        Row { id, provider, kind, secret }
    };
    pool.entries.iter().map(row).collect()
}

#[must_use]
pub(crate) fn as_json(documents: &Documents, pool: &Pool) -> String {
    let rows = rows(documents, pool).into_iter().map(|row| {
        let Row { id, provider, kind, secret } = row;
        json!({ "profileId": id, "provider": provider, "type": kind, "secret": secret })
    });
    for_programs::pretty(&rows.collect())
}

#[must_use]
pub(crate) fn as_text(documents: &Documents, pool: &Pool, look: &Look) -> String {
    let rows = rows(documents, pool);
    if rows.is_empty() {
        return "no profiles; add one with: auth-failover add <provider> --key-env NAME\n"
            .to_owned();
    }
    let longest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0) + 2;
    let ids = longest(&|row| width(&shown(&row.id)));
    let kinds = longest(&|row| width(&shown(&row.kind)));
    let line = |row: &Row| {
        let id = Line::of(Ink::Bold, shown(&row.id)).padded(ids);
        let kind = Line::plain(shown(&row.kind)).padded(kinds);
        id.join(kind).then(Ink::Dim, shown(&row.secret))
    };
    render(&rows.iter().map(line).collect::<Vec<_>>(), look.has_colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_stores::{SECRET, documents, look, pool};

    #[test]
    fn a_list_says_where_secrets_are_and_shows_none() {
        let text = format!(
            r#"{{"version":1,"profiles":{{"p:a":{{"type":"api_key","provider":"p","key":"{SECRET}-1"}},"p:b":{{"type":"api_key","provider":"p","keyRef":{{"source":"env","provider":"default","id":"B_KEY"}}}}}}}}"#
        );
        let shown = as_text(&documents(&text), &pool(&text, None), &look(80));
        assert_eq!(shown, "p:a  api_key  in the store\np:b  api_key  keyRef env:default:B_KEY\n");
        let json = as_json(&documents(&text), &pool(&text, None));
        assert!(json.contains("keyRef env:default:B_KEY") && !json.contains(SECRET), "{json}");
    }
}
