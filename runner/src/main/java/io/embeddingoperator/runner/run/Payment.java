package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbedderSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.openai.OpenAiTextEmbedder;
import io.embeddingoperator.runner.embed.openai.ProviderListener;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Prices;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.spending.Spending;
import java.util.Optional;

/** Pays, while a run goes on, what its embedder costs. */
final class Payment implements AutoCloseable {
    private final Optional<Spending> spending;

    private Payment(Optional<Spending> spending) {
        this.spending = spending;
    }

    /** @throws SpecificationException when there is a budget and nobody knows what a token costs */
    static void check(EmbeddingJobSpec spec) {
        if (spec.budget() != null
                && openAi(spec.embedder()).isPresent()
                && prices(spec).isEmpty()) {
            throw new SpecificationException(("spec.budget.maxCostUsd is %s, and what tokens of %s cost is not known:"
                            + " give spec.embedder.openai.price")
                    .formatted(
                            spec.budget().maxCostUsd(),
                            openAi(spec.embedder()).get().model()));
        }
    }

    /** From now on what the embedder of this process asks for is paid for and told of. */
    static Payment begin(
            EmbeddingJobSpec spec,
            RunnerEnvironment environment,
            Embedder embedder,
            EmbeddingSink sink,
            Run run,
            ProviderListener listener) {
        if (!(embedder instanceof OpenAiTextEmbedder openAi)) {
            return new Payment(Optional.empty());
        }
        Optional<Prices> prices = prices(spec);
        Optional<Spending> spending = prices.map(_ -> sink.spending(
                run,
                environment.shard().orElse(0),
                Optional.ofNullable(spec.budget()).map(BudgetSpec::usd)));
        openAi.begin(
                spending.map(money -> money.at(prices.orElseThrow().realtime())).orElseGet(Budget::unlimited),
                listener);
        return new Payment(spending);
    }

    /** Why the provider of an embedder sends nothing just now. */
    static Optional<Progress.Waiting> waiting(Embedder embedder) {
        return embedder instanceof OpenAiTextEmbedder openAi ? openAi.waiting() : Optional.empty();
    }

    @Override
    public void close() {
        spending.ifPresent(Spending::close);
    }

    private static Optional<Prices> prices(EmbeddingJobSpec spec) {
        return openAi(spec.embedder()).flatMap(Prices::of);
    }

    private static Optional<OpenAiEmbedder> openAi(EmbedderSpec spec) {
        return switch (spec.selected()) {
            case OpenAiEmbedder openAi -> Optional.of(openAi);
            case OnnxEmbedder _ -> Optional.empty();
        };
    }
}
