# Thin entry points; the work is in dev/ and in Maven. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help quickstart quickstart-s3 quickstart-stop cluster-demo cluster-demo-stop openai-simulator test test-fast test-one bench bench-pacing bench-scale build images release release-check release-twice dependencies crd format clean

# dev/java-home finds a JDK 25, also where `java` is another one.
maven = export JAVA_HOME="$$(dev/java-home)" && ./mvnw --batch-mode --no-transfer-progress

help: ## list these targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:[^#]*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

quickstart: ## embed a real corpus into a PostgreSQL of its own and search it
	@dev/quickstart

quickstart-s3: ## the same with the corpus in a real S3 server, as examples/s3.yaml reads it
	@dev/quickstart-s3

quickstart-stop: ## stop the quickstart's PostgreSQL; its data stays
	@dev/quickstart-stop

cluster-demo: ## start a real Kubernetes, install the operator with Helm, run the same job there
	@dev/cluster-demo

cluster-demo-stop: ## stop that cluster and its PostgreSQL; their data stays
	@dev/cluster-demo-stop

openai-simulator: ## start a server that behaves like OpenAI's, to try jobs without a key or money; options go into ARGS
	@$(maven) --quiet -pl testing/openai-simulator package -DskipTests
	@testing/openai-simulator/openai-simulator $(ARGS)

# Two modules at a time: the tests of the runner and those of the operator wait for different things. Where no node of Kubernetes can run,
# as without root, those that need one are left out, and the last lines say so.
test: ## run all checks and tests from nothing
	@dev/dependencies review
	@dev/postgres ensure >/dev/null
	@dev/kubernetes ensure >/dev/null
	@! dev/node check 2>/dev/null || dev/node-programs ensure >/dev/null
	@dev/earlier-release ensure >/dev/null || (($$? == 3))
	@for server in seaweedfs versitygw; do dev/s3-server ensure $$server >/dev/null || (($$? == 3)); done
	@$(MAKE) --no-print-directory target/image-base.tar
	@touch target/tests-begin
	@$(maven) --threads 2 -Pbench,images -Dimage.base="tar://$(CURDIR)/target/image-base.tar" verify
	@dev/tests-left-out target/tests-begin

# Two JVMs for each module: some tests wait, others compute.
test-fast: ## run the unit tests that need neither a database nor a cluster
	@$(maven) --quiet --threads 2 test -DforkCount=2 -Dembedding.tests.withoutDatabase=true -Dembedding.faults.runs=50

test-one: ## run one class of tests, unit or integration: make test-one MODULE=runner TEST=ChunkCoverageTest
	@dev/test-one "$(MODULE)" "$(TEST)"

bench: ## measure speed against the reference implementations
	@dev/bench/run

bench-pacing: ## simulate runners that share an OpenAI account, beside what others do
	@dev/bench/pacing

bench-scale: ## measure the operator with a thousand EmbeddingJobs on a real control plane
	@dev/bench/scale

build: ## build everything without running the tests
	@$(maven) package -DskipTests

images: target/image-base.tar ## build the container images into archives, on a base made on this machine
	@$(maven) -Pimages -Dimage.base="tar://$(CURDIR)/$<" package -DskipTests
	@ls -l */target/*.tar */target/sbom/*.json target/*.cdx.json | sed 's/.* /  /'

target/image-base.tar: dev/image-base dev/java-runtime
	@dev/image-base $@ >/dev/null

release: ## make and sign everything that a release publishes, of the last commit: make release VERSION=0.1.0
	@dev/release "$(VERSION)" "target/release/$(VERSION)"
	@dev/release-sign "target/release/$(VERSION)"

release-check: ## push that release into a registry of this machine, and install and run it from there
	@dev/release-check "target/release/$(VERSION)"

release-twice: ## make a release twice, in two folders, and compare the bytes
	@dev/release-twice "$(VERSION)"

dependencies: ## list what the registries have newer versions of, and say when the list of advisories is due for a review
	@dev/dependencies

crd: ## write the CRDs, the chart's copies and docs/reference*.md anew from the API records
	@$(maven) --quiet -pl crds test-compile exec:java

format: ## format the source code
	@$(maven) -Pbench spotless:apply

clean: ## delete what was built; the data of quickstart and cluster-demo stays
	@$(maven) -Pbench clean
