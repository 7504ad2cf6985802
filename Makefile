# `make` lists what there is. ARGS go to the program: make run ARGS='--stage prod'

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOSEC       := github.com/securego/gosec/v2/cmd/gosec@v2.29.0
GOSEC_FLAGS := -quiet -exclude-dir "\.(cache|aws-sam)" -nosec-require-rules -nosec-require-justification
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
BENCHSTAT   := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
ACTIONLINT  := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
AWS_TOOLS   := .cache/aws-tools
SAM         := $(AWS_TOOLS)/bin/sam
CHECKOV     := .cache/checkov
EXAMPLES    := $(wildcard examples/*/template.yaml)
BENCH       := -docs ../docs

export SAM_CLI_TELEMETRY ?= 0

.PHONY: help run test faults fuzz interop browser scale bench compare lint template build examples deploy clean
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## Serve all of it on this machine; needs only Go
	@test -e .cache/gatehouse || echo 'Compiling; the first time it takes up to a minute.' >&2
	@go build -buildvcs=false -o .cache/gatehouse ./cmd/gatehouse
	@exec .cache/gatehouse serve $(ARGS)

test: ## Vet and test; needs Node, fetches the database engine
	go vet ./...
	go test ./...
	@# Benchmarks refuse wrong results; each runs once, so that none rots.
	go test -run '^$$' -bench . -benchtime 1x ./internal/...
	go -C bench vet ./...
	@# Not from the cache: it does not see what the tests read of the other module.
	go -C bench test -count=1 ./...
	go -C bench/peers test -count=1 ./...

faults: ## Race requests; do 100,000 things while DynamoDB goes wrong
	GATEHOUSE_FAULTS=1 go test -count=1 -timeout 30m -v ./internal/stress

fuzz: ## Run every fuzzer for 10 s, or as long as FUZZTIME=5m says
	@FUZZTIME=$(FUZZTIME) ./scripts/fuzz

interop: ## Test with real clients, backends; needs Python, Node, Maven, PHP
	./interop/run

browser: ## Test pages and script in a real browser; needs Node and Chromium
	./browser/run

scale: ## Work out how keys, units and limits scale; writes docs/SCALE.md
	@go -C bench run ./scale -docs ../docs

bench: ## Measure, write docs/PERFORMANCE.md; PARTS=load a part; BENCH= prints only
	@PARTS='$(PARTS)' ./bench/run $(BENCH)

compare: ## Compare the benchmarks of the code with those of BASE=main
	@BENCHSTAT=$(BENCHSTAT) BASE='$(BASE)' ONLY='$(ONLY)' COUNT=$(COUNT) ./scripts/compare

lint: template $(CHECKOV)/installed ## Check format, code, dependencies, template; needs Python
	@files=$$(gofmt -l .) && test -z "$$files" || { echo "gofmt -w $$files" >&2; exit 1; }
	go vet ./...
	go -C bench vet ./...
	go -C bench/peers vet ./...
	go mod tidy -diff
	go -C bench mod tidy -diff
	go -C bench/peers mod tidy -diff
	go run $(STATICCHECK) -tags translated ./...
	go -C bench run $(STATICCHECK) ./...
	go run $(GOSEC) $(GOSEC_FLAGS) ./...
	go -C bench run $(GOSEC) $(GOSEC_FLAGS) ./...
	@db=$$(go run ./scripts/vulndb database .cache/vulndb) && echo "govulncheck -db $$db ./..." && \
		go run $(GOVULNCHECK) -db "$$db" ./... && go -C bench run $(GOVULNCHECK) -db "$$db" ./...
	go run $(ACTIONLINT) -shellcheck= -pyflakes=
	$(CHECKOV)/bin/checkov --config-file scripts/checkov.yaml $(addprefix --file ,template.yaml $(EXAMPLES))

# The tests read what the translation left, so they run nowhere else.
template: $(AWS_TOOLS)/installed ## Check all templates, and what they deploy; needs Python
	$(SAM) validate --lint
	@for example in $(EXAMPLES); do echo "$(SAM) validate --lint --template $$example" && \
		$(SAM) validate --lint --template $$example || exit 1; done
	$(AWS_TOOLS)/bin/cfn-lint template.yaml $(EXAMPLES)
	rm -rf .cache/translated && $(AWS_TOOLS)/bin/python scripts/translate .cache/translated
	$(AWS_TOOLS)/bin/cfn-lint .cache/translated/*.json
	go test -count=1 -tags translated .

build: $(AWS_TOOLS)/installed ## Build the functions for Lambda into .aws-sam/; needs Python
	$(SAM) build

examples: $(AWS_TOOLS)/installed ## Build the examples, each in its folder as told there
	@for example in $(EXAMPLES); do (cd $$(dirname $$example) && $(CURDIR)/$(SAM) build) || exit 1; done

deploy: build ## Build and deploy, with the settings of samconfig.toml
	$(SAM) deploy $(ARGS)

clean: ## Remove what was built and fetched
	rm -rf .aws-sam .cache examples/*/.aws-sam

.cache/%/installed: scripts/%.txt
	python3 -m venv --clear .cache/$*
	.cache/$*/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# What `sam build` calls, for each function by its name in template.yaml, at
# the root and with ARTIFACTS_DIR set. The same code gives the same binary, so
# that a deployment changes only the functions that changed: no paths, no
# commit in it. lambda.norpc leaves out what only the go1.x runtime needed,
# nethttpomithttp2 what AWS does not speak; a backend may.
TAGS = lambda.norpc,nethttpomithttp2
COMPILE = CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -tags $(TAGS) \
	-trimpath -buildvcs=false -ldflags '-s -w' -o '$(ARTIFACTS_DIR)/bootstrap'

.PHONY: build-TokenFunction build-AuthorizeFunction build-AuthorizerFunction build-RevokeFunction build-ProxyFunction
build-TokenFunction:
	$(COMPILE) ./functions/token
build-AuthorizeFunction:
	$(COMPILE) ./functions/authorize
build-AuthorizerFunction:
	$(COMPILE) ./functions/authorizer
build-RevokeFunction:
	$(COMPILE) ./functions/revoke
build-ProxyFunction: TAGS = lambda.norpc
build-ProxyFunction:
	$(COMPILE) ./functions/proxy
