//! Collects measurements, and writes them as a table and as JSON lines.

use std::{fs::OpenOptions, io::Write};

use serde_json::{Value, json};

use crate::Failure;

pub struct Report {
    database: String,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    params: Value,
    unit: &'static str,
    values: Vec<f64>,
}

impl Report {
    pub fn new(database: &str) -> Self {
        Self { database: database.to_owned(), rows: Vec::new() }
    }

    /// Adds a value. Values of the same name and params are repetitions of one measurement.
    pub fn add(&mut self, name: &'static str, mut params: Value, value: f64, unit: &'static str) {
        params["database"] = json!(self.database);
        eprintln!("{name} {params}: {value:.2} {unit}");
        match self.rows.iter_mut().find(|row| row.name == name && row.params == params) {
            Some(row) => row.values.push(value),
            None => self.rows.push(Row { name, params, unit, values: vec![value] }),
        }
    }

    /// Adds the 50th, 95th and 99th percentile of `sample`, in the order of `names`.
    pub fn add_percentiles(
        &mut self,
        names: [&'static str; 3],
        params: &Value,
        sample: &mut [f64],
        unit: &'static str,
    ) {
        sample.sort_by(f64::total_cmp);
        for (name, percent) in names.into_iter().zip([50, 95, 99]) {
            self.add(name, params.clone(), percentile(sample, percent), unit);
        }
    }

    /// Prints the medians as a table, and appends them to `out`.
    pub fn write(&mut self, out: &str) -> Result<(), Failure> {
        let mut file = OpenOptions::new().create(true).append(true).open(out)?;
        println!("{:<20} {:>12} {:<10} {:<24} params", "name", "median", "unit", "least to most");
        for row in &mut self.rows {
            row.values.sort_by(f64::total_cmp);
            let median = percentile(&row.values, 50);
            let span = format!("{:.2} to {:.2}", row.values[0], row.values[row.values.len() - 1]);
            println!("{:<20} {median:>12.2} {:<10} {span:<24} {}", row.name, row.unit, row.params);
            let line = json!({"name": row.name, "params": row.params, "value": median, "unit": row.unit});
            writeln!(file, "{line}")?;
        }
        Ok(())
    }
}

/// A percentile of a sorted, non-empty sample, by nearest rank.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted[rank - 1]
}
