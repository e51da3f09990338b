//! Which rows of a table are selected.

use std::collections::BTreeSet;

use leptos::prelude::*;

/// The selected rows by their keys; a handle that is cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    keys: RwSignal<BTreeSet<String>>,
    /// The row that was changed last; a range begins there.
    anchor: StoredValue<Option<String>>,
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}

impl Selection {
    /// Creates an empty selection.
    pub fn new() -> Self {
        Self { keys: RwSignal::new(BTreeSet::new()), anchor: StoredValue::new(None) }
    }

    /// Returns the number of selected rows.
    pub fn len(self) -> usize {
        self.keys.with(BTreeSet::len)
    }

    /// Returns whether the row `key` is selected.
    pub fn contains(self, key: &str) -> bool {
        self.keys.with(|keys| keys.contains(key))
    }

    /// Returns the selected keys in their own order.
    pub fn keys(self) -> Vec<String> {
        self.keys.with(|keys| keys.iter().cloned().collect())
    }

    /// Selects nothing.
    pub fn clear(self) {
        self.keys.update(BTreeSet::clear);
    }

    /// Selects or unselects the row `key`; with `range` also those between it and the row that was
    /// changed before, in the order of `rows`.
    pub fn set(self, key: &str, selected: bool, range: bool, rows: &[String]) {
        let position = |wanted: &str| rows.iter().position(|row| row == wanted);
        let anchor = self.anchor.get_value().filter(|_| range).and_then(|anchor| position(&anchor));
        let changed = match (anchor, position(key)) {
            (Some(from), Some(to)) => &rows[from.min(to)..=from.max(to)],
            _ => &[key.to_owned()],
        };
        self.set_all(changed, selected);
        self.anchor.set_value(Some(key.to_owned()));
    }

    /// Selects or unselects all of `rows`.
    pub fn set_all(self, rows: &[String], selected: bool) {
        self.keys.update(|keys| {
            for row in rows {
                if selected {
                    keys.insert(row.clone());
                } else {
                    keys.remove(row);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<String> {
        ["d", "c", "b", "a"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_range_runs_from_the_row_that_was_changed_last_in_the_order_of_the_table() {
        Owner::new().with(|| {
            let selection = Selection::new();
            selection.set("c", true, false, &rows());
            selection.set("a", true, true, &rows());
            assert_eq!(selection.keys(), ["a", "b", "c"]);
            selection.set("d", false, true, &rows());
            assert_eq!(selection.len(), 0);
        });
    }

    #[test]
    fn a_range_without_a_row_to_begin_at_is_one_row() {
        Owner::new().with(|| {
            let selection = Selection::new();
            selection.set("b", true, true, &rows());
            assert_eq!(selection.keys(), ["b"]);
            // The row that was changed last has left the table.
            selection.set("a", true, true, &["d".to_owned(), "a".to_owned()]);
            assert_eq!(selection.keys(), ["a", "b"]);
        });
    }

    #[test]
    fn all_rows_of_the_table_are_selected_without_touching_others() {
        Owner::new().with(|| {
            let selection = Selection::new();
            selection.set("elsewhere", true, false, &rows());
            selection.set_all(&rows(), true);
            assert_eq!(selection.len(), 5);
            selection.set_all(&rows(), false);
            assert_eq!(selection.keys(), ["elsewhere"]);
        });
    }
}
