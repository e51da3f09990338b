# `make run` and `make test` are all that a new machine needs; see README.md.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-faults bench-queue bench-dashboard bench-live eval-cv bench-cv fuzz-cv dev fmt lint deny

help: ## Shows this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## Installs what is missing, builds, serves with a demonstration (LISTEN=127.0.0.1:3000 DATA=data)
	@LISTEN='$(LISTEN)' DATA='$(DATA)' scripts/serve.sh

test: ## Runs every check; ends with `N passed, N failed`
	@.ci/test.sh

test-faults: ## Kills, stops, cuts off and misleads real processes, for many seeds (SEED=n ROUNDS=n); docs/RELIABILITY.md
	@SEED='$(SEED)' ROUNDS='$(ROUNDS)' scripts/faults.sh

bench-queue: ## Times the queue beside up to 5 million completed jobs, and while CHURN=n of them come and go, on both databases
	@CHURN='$(CHURN)' scripts/bench-queue.sh

bench-dashboard: ## Measures how smooth the queue's page stays while 10,000 jobs a second come and go
	@scripts/bench-dashboard.sh

bench-live: ## Measures live sockets: memory, fan-out, publishing, replay, a reconnect storm (ROUNDS=n SCENES="idle ...")
	@ROUNDS='$(ROUNDS)' SCENES='$(SCENES)' scripts/bench-live.sh

eval-cv: ## Scores what is read from a corpus of CVs (CORPUS=folder PRED=folder); docs/ACCURACY.md
	@CORPUS='$(CORPUS)' PRED='$(PRED)' scripts/eval-cv.sh

bench-cv: ## Times reading and summarizing (CORPUS=folder of CVs), beside pdftotext and PyMuPDF if they are there
	@CORPUS='$(CORPUS)' scripts/bench-cv.sh

fuzz-cv: ## Fuzzes every reader and grammar, MINUTES each (needs a nightly toolchain and cargo-fuzz)
	@MINUTES='$(MINUTES)' scripts/fuzz-cv.sh

dev: ## Builds and serves anew at each change
	@. .ci/tools.sh && VERBATIM_DEMO=true cargo leptos watch -- serve

fmt: ## Formats the source
	@cargo fmt --all

lint: ## The lints alone
	@. .ci/tools.sh && cargo clippy --workspace --exclude frontend --all-targets -- -D warnings \
	  && cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings

deny: ## Licenses, bans and sources of every dependency (needs cargo-deny)
	@cargo deny check licenses bans sources
