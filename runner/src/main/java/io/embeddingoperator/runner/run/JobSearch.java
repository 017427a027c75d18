package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import java.util.List;
import java.util.Optional;

/** The nearest chunks of a job's table to a text. */
public final class JobSearch {
    private JobSearch() {}

    /** A search text's vector, and the metric that it is made for. */
    private record Question(float[] vector, DistanceMetric metric) {}

    /**
     * Embeds the text and looks for what is nearest.
     *
     * @param endpoint the URL of one that embeds the text; empty to do it here
     * @param filters which the chunks must all meet
     * @param hybrid whether the words of the text count beside its vector
     */
    public static List<SearchHit> of(
            Manifest manifest,
            RunnerEnvironment environment,
            String text,
            Optional<String> endpoint,
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
            Question question = endpoint.isPresent()
                    ? embeddedBy(endpoint.get(), text, spec, sink)
                    : embeddedHere(manifest, environment, text, sink);
            return hybrid
                    ? sink.searchHybrid(question.vector(), text, question.metric(), filters, limit)
                    : sink.search(question.vector(), question.metric(), filters, limit);
        } catch (EmbeddingException e) {
            throw new SpecificationException("the search text cannot be embedded: " + e.getMessage(), e);
        }
    }

    private static Question embeddedHere(
            Manifest manifest, RunnerEnvironment environment, String text, EmbeddingSink sink)
            throws InterruptedException, EmbeddingException {
        EmbeddingJobSpec spec = manifest.spec();
        try (Embedder embedder = Backend.open(
                        spec,
                        environment,
                        ModelCommit.of(spec.embedder(), environment, () -> sink.modelCommit(manifest.job())))
                .embedder()) {
            SearchedSpace.check(spec, embedder, sink);
            return new Question(embedder.embedQuery(text), embedder.metric());
        }
    }

    private static Question embeddedBy(String url, String text, EmbeddingJobSpec spec, EmbeddingSink sink)
            throws InterruptedException {
        try (QueryEndpoint endpoint = QueryEndpoint.open(url)) {
            QueryEndpoint.Model model = endpoint.model();
            model.check(sink.recipe(), spec.sink().pgvector().table());
            return new Question(endpoint.embed(text, model), model.metric());
        }
    }
}
