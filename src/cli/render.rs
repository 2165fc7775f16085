//! `dissensus render`: a view as a picture, by the same code as the window, without a display.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{LayoutArg, RenderArgs, ThemeArg, ViewArg};
use crate::app::headless::HeadlessWindow;
use crate::app::layout::Preset;
use crate::app::state::{Preferences, View};
use crate::app::{App, Launch, LogPlace, Stage};
use crate::report::write_beside;

/// Longest wait for the analysis.
const PATIENCE: Duration = Duration::from_mins(10);

/// Paints what `args` asks for.
pub fn run(args: &RenderArgs) -> anyhow::Result<()> {
    let (width, height) = args
        .size
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse::<f32>().ok()?, h.parse::<f32>().ok()?)))
        .with_context(|| format!("“{}” is not a size such as 1440x900", args.size))?;
    let mut wanted = super::wanted(&args.open)?.context("name a table to paint")?;
    wanted.settings.consensus = args.consensus.into();
    wanted.at_once = args.view != ViewArg::Open;
    let places = tempfile::tempdir()?;
    let theme = match args.theme {
        ThemeArg::Dark => egui::Theme::Dark,
        ThemeArg::Light => egui::Theme::Light,
    };
    let mut window = HeadlessWindow::new(egui::vec2(width, height), args.scale, |ctx| {
        crate::app::widgets::theme::install(ctx);
        ctx.set_theme(theme);
    });
    let log = args.open.log.first().map_or(LogPlace::Memory, |log| LogPlace::Look(log.clone()));
    let launch =
        Launch { wanted: Some(wanted), reviewer: None, data_folder: Some(places.path().to_owned()), log };
    let mut app = App::new(window.ctx(), Preferences::default(), launch);
    let since = Instant::now();
    loop {
        let ctx = window.ctx().clone();
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
        if let Stage::Opening(opening) = &app.stage
            && let Some(error) = &opening.error
        {
            bail!("{error}");
        }
        let open = matches!(app.stage, Stage::Ready(_)) || args.view == ViewArg::Open;
        if app.is_settled() && open {
            break;
        }
        if let (Stage::Opening(o), true) = (&app.stage, args.view != ViewArg::Open)
            && app.is_settled()
            && let Some(inspection) = &o.inspection
            && let Err((what, remedy)) = &inspection.layout
        {
            bail!("{}: {what}; {remedy}", inspection.path.display());
        }
        if since.elapsed() > PATIENCE {
            bail!("the analysis took longer than {} seconds", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let view = match args.view {
        ViewArg::Open | ViewArg::Overview => View::Overview,
        ViewArg::Label => View::Label,
        ViewArg::Items => View::Items,
        ViewArg::Review => View::Review,
        ViewArg::Raters => View::Raters,
        ViewArg::Compare => View::Compare,
        ViewArg::Groups => View::Groups,
        ViewArg::Models => View::Models,
        ViewArg::Versions => View::Versions,
        ViewArg::Agreement => View::Agreement,
        ViewArg::Aggregation => View::Aggregation,
        ViewArg::Errors => View::Errors,
        ViewArg::Grid => View::Grid,
        ViewArg::Conflicts => View::Conflicts,
        ViewArg::Log => View::Log,
        ViewArg::Queues => View::Queues,
    };
    let ctx = window.ctx().clone();
    app.stage_picture(&ctx, view, args.item.as_deref(), args.tab.as_deref())?;
    if let Some(layout) = args.layout {
        app.arrange(match layout {
            LayoutArg::Explore => Preset::Explore,
            LayoutArg::Review => Preset::Review,
            LayoutArg::Raters => Preset::Raters,
            LayoutArg::Models => Preset::Models,
        });
    }
    let since = Instant::now();
    for _ in 0..6 {
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
    }
    while !app.is_settled() && since.elapsed() < PATIENCE {
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
        std::thread::sleep(Duration::from_millis(2));
    }
    window.frame(Vec::new(), |ui| app.draw(ui));
    let is_svg = args.out.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    let picture = if is_svg {
        let whole = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
        window.svg(whole).into_bytes()
    } else {
        window.png()?
    };
    let source = app.document().map(|doc| doc.dataset.source.clone()).unwrap_or_default();
    write_beside(&source, &args.out, |out| Ok(out.write_all(&picture)?))
}
