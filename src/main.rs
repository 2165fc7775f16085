//! Arguments → the window, or one headless command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use dissensus::app::state::Preferences;
use dissensus::app::{App, Launch};
use dissensus::cli::{self, Cli};

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error")).init();
    // Wrong usage ends here, with exit code 2.
    let typed = Cli::parse();
    let result = match &typed.command {
        Some(command) => cli::run(command),
        None => window(&typed),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "dissensus: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

/// Opens the window.
fn window(typed: &Cli) -> anyhow::Result<()> {
    let mut wanted = cli::wanted(&typed.open)?;
    if let Some(wanted) = &mut wanted {
        if wanted.project.is_none() {
            wanted.settings.consensus = typed.consensus.into();
        }
        // Probabilities or roles were named: whoever started it so knows what the columns mean.
        wanted.at_once |= !typed.open.probs.is_empty() || !typed.open.roles.is_empty();
        if !wanted.table.exists() {
            anyhow::bail!("{}: there is no such file", wanted.table.display());
        }
    }
    dissensus::app::crash::install(dissensus::app::state::data_folder());
    let launch = Launch { wanted, reviewer: typed.reviewer.clone(), ..Launch::default() };
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon.png")).unwrap_or_default();
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("dissensus")
            .with_app_id("dissensus")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([800.0, 560.0])
            .with_drag_and_drop(true)
            .with_icon(icon),
        ..Default::default()
    };
    let started = eframe::run_native(
        "dissensus",
        options,
        Box::new(move |cc| {
            let preferences: Preferences =
                cc.storage.and_then(|s| eframe::get_value(s, "preferences")).unwrap_or_default();
            Ok(Box::new(App::new(&cc.egui_ctx, preferences, launch)))
        }),
    );
    started.map_err(|error| {
        anyhow::anyhow!(
            "no window can be opened here: {error}. Without a display, use “dissensus analyze FILE” for the numbers \
             and “dissensus render overview FILE --out picture.png” for pictures; on Debian and Ubuntu a missing \
             OpenGL is installed by: sudo apt-get install libgl1 libgl1-mesa-dri libegl1 libxkbcommon-x11-0"
        )
    })
}
