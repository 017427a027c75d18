package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import java.util.List;

/** The nearest chunks of a job's table to a text. */
public final class JobSearch {
    private JobSearch() {}

    /**
     * @param filters which the chunks must all meet
     * @param hybrid whether the words of the text count beside its vector
     */
    public static List<SearchHit> of(
            Manifest manifest,
            RunnerEnvironment environment,
            String text,
            List<SearchFilter> filters,
            boolean hybrid,
            int limit)
            throws InterruptedException {
        if (text.isBlank()) {
            throw new SpecificationException("the search text is empty: give some words");
        }
        if (limit < 1) {
            throw new SpecificationException("--limit is %d: use 1 or more".formatted(limit));
        }
        EmbeddingJobSpec spec = manifest.spec();
        try (WaitingLog _ = WaitingLog.begin("nothing found yet");
                EmbeddingSink sink = EmbeddingSink.open(
                        spec.sink().pgvector(), environment.connection(EnvironmentVariable.SINK_URI, manifest))) {
            // Before a model is loaded and a provider is paid.
            sink.checkSearch(filters, hybrid);
            try (Embedder embedder = Backend.open(
                            spec,
                            environment,
                            ModelCommit.of(spec.embedder(), environment, () -> sink.modelCommit(manifest.job())))
                    .embedder()) {
                SearchedSpace.check(spec, embedder, sink);
                float[] vector = embedder.embedQuery(text);
                return hybrid
                        ? sink.searchHybrid(vector, text, embedder.metric(), filters, limit)
                        : sink.search(vector, embedder.metric(), filters, limit);
            }
        } catch (EmbeddingException e) {
            throw new SpecificationException("the search text cannot be embedded: " + e.getMessage(), e);
        }
    }
}
