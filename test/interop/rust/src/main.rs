//! A few DHT nodes of rust-libp2p, led by JSON lines on standard input.
//! `benchmarks/foreign/peer-program.ts` says which commands there are.

mod commands;
mod node;
mod perform;
mod protocol;
mod query;
mod records;

use std::sync::Arc;

use commands::Program;
use protocol::{Message, Reply};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    sync::mpsc,
};

/// Reads commands until standard input ends. All nodes end with the process.
#[tokio::main(worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let program = Arc::new(Program::default());
    let (replies, to_write) = mpsc::unbounded_channel();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    tokio::spawn(write_lines(to_write));

    while let Some(line) = lines.next_line().await? {
        let program = program.clone();
        let replies = replies.clone();

        tokio::spawn(async move {
            let _ = replies.send(answer(&program, &line).await);
        });
    }

    Ok(())
}

/// Carries out the command of a line.
async fn answer(program: &Program, line: &str) -> String {
    let reply = match serde_json::from_str::<Message>(line) {
        Err(err) => Reply::error(None, err.to_string()),
        Ok(Message {
            id,
            command,
            argument,
        }) => match program.run(&command, argument).await {
            Ok(result) => Reply::result(id, result),
            Err(reason) => Reply::error(Some(id), reason),
        },
    };

    serde_json::to_string(&reply).expect("a reply has no keys but strings")
}

/// Writes whole lines, one after another.
async fn write_lines(mut lines: mpsc::UnboundedReceiver<String>) -> std::io::Result<()> {
    let mut stdout = tokio::io::stdout();

    while let Some(line) = lines.recv().await {
        stdout.write_all(format!("{line}\n").as_bytes()).await?;
        stdout.flush().await?;
    }

    Ok(())
}
