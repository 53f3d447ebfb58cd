//! `mcp-guard`: argument parsing and printing. The work is done in the crates below.

mod api_key;
mod args;
mod bench;
mod client;
mod configuration;
mod connect;
mod daemon;
mod demo;
mod doctor;
mod explain;
mod exposure;
mod failure;
mod init;
mod logs;
mod manual;
mod os;
mod paint;
mod pins;
mod policy_show;
mod record;
mod rules;
mod run;
mod scan_text;
mod secrets;
mod serve;
mod service;
mod span;
mod validate;
mod web;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, PolicyTask, Task};

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.task {
        Task::Run(task) => run::run(&args.config, &task),
        Task::ApiKey { name } => api_key::api_key(&name),
        Task::Serve(task) => serve::serve(&args.config, &task),
        Task::Start(task) => daemon::start(&args.config, &task),
        Task::Stop => daemon::stop(&args.config),
        Task::Status(task) => daemon::status(&args.config, &task),
        Task::Health => daemon::health(&args.config),
        Task::DashboardToken => daemon::dashboard_token(&args.config),
        Task::Reload(task) => daemon::reload(&args.config, &task),
        Task::Connect(task) => connect::connect(&args.config, task),
        Task::Init(task) => init::init(&task),
        Task::Service { task } => service::service(&args.config, &task),
        Task::Doctor(task) => doctor::doctor(&args.config, &task),
        Task::Demo => demo::demo(),
        Task::Pins { task } => pins::pins(&args.config, &task),
        Task::Policy { task: PolicyTask::Show(task) } => policy_show::show(&args.config, &task),
        Task::Validate => validate::validate(&args.config),
        Task::Logs(task) => logs::logs(&args.config, &task),
        Task::Explain(task) => explain::explain(&args.config, &task),
        Task::ScanText(task) => scan_text::scan_text(&args.config, &task),
        Task::Rules { task } => rules::rules(&args.config, &task),
        Task::Bench(task) => bench::bench(&args.config, &task),
        Task::Completions { shell } => manual::completions(shell),
        Task::Man { folder } => manual::man(&folder),
        Task::Reap => {
            proxy::reap(std::io::stdin().lock());
            Ok(ExitCode::SUCCESS)
        }
        Task::SampleServer { folder } => demo::sample_server(&folder),
    };
    done.unwrap_or_else(|failure| {
        failure.print();
        ExitCode::from(failure.code)
    })
}
