package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.openai.OpenAiTextEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Prices;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.spending.Spending;
import java.util.Optional;

/** A model of a provider, or of a server that speaks its API: it may cost money, and it may have batches. */
record OpenAiBackend(OpenAiEmbedder spec, OpenAiTextEmbedder embedder) implements Backend {
    static OpenAiBackend open(OpenAiEmbedder spec, RunnerEnvironment environment) {
        return new OpenAiBackend(spec, OpenAiTextEmbedder.open(spec, environment.variables()));
    }

    static OpenAiBackend openForCounting(OpenAiEmbedder spec) {
        return new OpenAiBackend(spec, OpenAiTextEmbedder.openForCounting(spec));
    }

    static boolean mayBill(OpenAiEmbedder spec) {
        return spec.server().mayBill() || Prices.of(spec).isPresent();
    }

    /** @throws SpecificationException when there is a budget and it is not known what a token costs */
    static void checkBudget(EmbeddingJobSpec spec) {
        if (spec.budget() != null
                && spec.embedder().selected() instanceof OpenAiEmbedder openAi
                && Prices.of(openAi).isEmpty()) {
            throw new SpecificationException(("spec.budget.maxCostUsd is %s, and what tokens of %s cost is not known:"
                            + " give spec.embedder.openai.price")
                    .formatted(spec.budget().maxCostUsd(), openAi.model()));
        }
    }

    @Override
    public Durability durability() {
        return Durability.EVERY_WINDOW;
    }

    @Override
    public SpendingSession spend(RunParts run, RunnerMetrics metrics) {
        Optional<Prices> prices = Prices.of(spec);
        Optional<Spending> spending = prices.map(_ -> run.sink()
                .spending(
                        run.run(),
                        run.environment().shard().orElse(0),
                        Optional.ofNullable(run.manifest().spec().budget()).map(BudgetSpec::usd)));
        embedder.begin(
                spending.map(money -> money.at(prices.orElseThrow().realtime())).orElseGet(Budget::unlimited), metrics);
        return () -> spending.ifPresent(Spending::close);
    }

    @Override
    public RunMoney money(RunParts run) {
        return run.sink().money(run.run());
    }

    /** A server that waits for its disk and for its standbys loses nothing that was paid for. */
    @Override
    public String costOfRepeating() {
        return "; it is also paid for again, and the costs in the sink may lack what was billed for it: let the sink wait for"
                + " its standbys (synchronous_standby_names) where that matters";
    }

    @Override
    public RunBatches batches(RunParts run, ProgressTracker progress, RunnerMetrics metrics)
            throws InterruptedException {
        return spec.server().hasBatches()
                ? ProviderBatches.open(spec, embedder, run, progress, metrics)
                : new NoBatches(run.sink(), run.run());
    }

    @Override
    public Optional<Progress.Waiting> waiting() {
        return embedder.waiting();
    }
}
