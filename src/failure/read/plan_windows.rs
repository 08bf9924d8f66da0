//! The windows of plans as headers tell them: Anthropic's unified limits, Codex's, and limits of a day.
//!
//! Invariant: a window of another model than the one that was asked for is neither this failure's cause nor its wait.

/// Which long-term allowance is used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Refused {
    #[default]
    Nothing,
    /// A limit of hours or days, of whatever it counts.
    Day,
    /// The window of one family of models.
    Model,
    /// A window of the whole account.
    Account,
}

/// What a header tells beside a wait or a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    UsedUp,
    HasRoom,
    Blocked,
    MayRetry,
}

/// The headers of windows that are used up.
#[derive(Debug, Default)]
pub(crate) struct Windows<'a> {
    /// The beginnings of the header names of each, and whether it is that of one family of models.
    spent: Vec<(&'a str, bool)>,
    spent_day: Option<&'a str>,
    /// The header that says that the whole plan has room.
    room: Option<&'a str>,
}

const UNIFIED: &str = "anthropic-ratelimit-unified";
const CODEX: &str = "x-codex-";

impl<'a> Windows<'a> {
    /// Reads lower-case headers.
    pub(crate) fn read(headers: &'a [(String, &'a str)], asked: Option<&str>) -> Self {
        let mut windows = Self::default();
        windows.read_unified(headers, asked);
        windows.read_codex(headers, asked);
        let spent_day = headers.iter().find(|(name, value)| {
            let is_left = name.contains("ratelimit") && name.contains("remaining");
            let is_day =
                ["-day", "-daily", "-hour", "-month"].iter().any(|end| name.ends_with(end));
            is_left && is_day && value.parse::<f64>().is_ok_and(|left| left <= 0.0)
        });
        windows.spent_day = spent_day.map(|(name, _)| name.as_str());
        windows
    }

    /// `…-unified-status` is that of the whole, `…-unified-5h-status` that of a window, `…-7d_opus-status` that of one
    /// family of models. What may be bought beyond the plan (`overage`) is refused on most accounts, and says nothing.
    fn read_unified(&mut self, headers: &'a [(String, &'a str)], asked: Option<&str>) {
        let claim = find(headers, "anthropic-ratelimit-unified-representative-claim");
        let claim = claim.map(|it| it.replace("five_hour", "5h").replace("seven_day", "7d"));
        let mut others = false;
        let mut is_whole = None;
        let mut of_model = Vec::new();
        for (name, value) in headers {
            let Some(window) = name.strip_prefix(UNIFIED).and_then(|it| it.strip_suffix("status"))
            else {
                continue;
            };
            if window == "-" && value.starts_with("allowed") {
                self.room = Some(name);
            }
            if !value.eq_ignore_ascii_case("rejected") || window.contains("overage") {
                continue;
            }
            let stem = &name[..name.len() - "-status".len()];
            match window.trim_matches('-') {
                "" => is_whole = Some(stem),
                window => match window.split_once('_') {
                    None => self.spent.push((stem, false)),
                    Some((_, family)) => of_model.push((stem, window, family)),
                },
            }
        }
        let alone = self.spent.is_empty() && claim.is_none() && asked.is_none();
        for (stem, window, family) in of_model {
            let is_asked = asked.is_some_and(|asked| asked.to_ascii_lowercase().contains(family));
            if is_asked || alone || claim.as_deref() == Some(window) {
                self.spent.push((stem, true));
            } else {
                others = true;
            }
        }
        if let Some(stem) = is_whole.filter(|_| !others || !self.spent.is_empty()) {
            // Without a window of its own the claim says which it is.
            let is_model = match self.spent.as_slice() {
                [] => claim.is_some_and(|claim| claim.contains('_')),
                spent => spent.iter().all(|(_, is_model)| *is_model),
            };
            self.spent.push((stem, is_model));
        }
    }

    /// `x-codex-primary-used-percent`, and of a further limit `x-codex-<limit>-primary-used-percent`.
    fn read_codex(&mut self, headers: &'a [(String, &'a str)], asked: Option<&str>) {
        let active = find(headers, "x-codex-active-limit").map(str::to_ascii_lowercase);
        let spent = headers.iter().filter_map(|(name, value)| {
            let stem = name.strip_prefix(CODEX)?.strip_suffix("-used-percent")?;
            let is_spent = value.parse::<f64>().is_ok_and(|percent| percent >= 100.0);
            is_spent.then_some((&name[..CODEX.len() + stem.len()], stem))
        });
        let (main, extra): (Vec<_>, Vec<_>) =
            spent.partition(|(_, stem)| matches!(*stem, "primary" | "secondary"));
        let is_alone = main.is_empty() && active.is_none() && asked.is_none();
        self.spent.extend(main.into_iter().map(|(name, _)| (name, false)));
        for (name, stem) in extra {
            let limit = stem.rsplit_once('-').map_or(stem, |(limit, _)| limit);
            let is_active =
                active.as_deref().is_some_and(|it| it.replace('_', "-").contains(limit));
            let is_asked = asked.is_some_and(|asked| asked.to_ascii_lowercase().contains(limit));
            if is_active || is_asked || is_alone {
                self.spent.push((name, true));
            }
        }
    }

    /// Whether a header is one of a window that is used up.
    pub(crate) fn counts(&self, name: &str) -> bool {
        self.spent.iter().any(|(stem, _)| {
            let rest = name.strip_prefix(stem);
            rest.is_some_and(|rest| rest == "-reset" || rest.starts_with("-reset-"))
        })
    }

    pub(crate) fn refused(&self) -> Refused {
        match () {
            () if self.spent.iter().any(|(_, is_model)| !is_model) => Refused::Account,
            () if !self.spent.is_empty() => Refused::Model,
            () if self.spent_day.is_some() => Refused::Day,
            () => Refused::Nothing,
        }
    }

    /// Whether the plan as a whole has room, and no window in it refused.
    pub(crate) fn has_room(&self) -> bool {
        self.room.is_some() && self.refused() == Refused::Nothing
    }

    /// Which headers say so.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&'a str, Told)> {
        let spent = self.spent.iter().map(|(stem, _)| *stem).chain(self.spent_day);
        let room = self.room.filter(|_| self.has_room());
        spent.map(|name| (name, Told::UsedUp)).chain(room.map(|name| (name, Told::HasRoom)))
    }
}

/// The value of a lower-case header.
pub(crate) fn find<'a>(headers: &[(String, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(entry, _)| entry == name).map(|(_, value)| *value)
}
