package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.runner.batches.BatchRules;
import io.embeddingoperator.runner.batches.OpenAiBatches;
import io.embeddingoperator.runner.batches.ServedBatches;
import io.embeddingoperator.runner.embed.openai.OpenAiTextEmbedder;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.server.RequestMembers;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.money.Prices;
import io.embeddingoperator.runner.pipeline.PipelineListeners;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.WindowReader;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** Batches of a provider: documents go through them, or by requests once what a run before left of them is settled. */
record ProviderBatches(
        EmbeddingSink sink, Run run, boolean used, BatchMoney money, OpenAiHttp http, OpenAiBatches batches)
        implements RunBatches {
    /** Polls, and the upload or download at hand. */
    private static final int CONNECTIONS = 8;

    static ProviderBatches open(
            OpenAiEmbedder spec,
            OpenAiTextEmbedder embedder,
            RunParts run,
            ProgressTracker progress,
            RunnerMetrics metrics)
            throws InterruptedException {
        BatchForm form = BatchForm.of(spec);
        OpenAiHttp http = OpenAiHttp.open(
                form.endpoint(spec, OpenAiEndpoint.of(spec, run.environment().variables())), CONNECTIONS);
        if (spec.mode() == OpenAiMode.Batch) {
            checkServed(http, form);
        }
        OpenAiBatches batches = OpenAiBatches.open(
                BatchRules.of(run.manifest().job(), spec, run.run().shards().size()),
                http,
                form,
                form.lines(
                        RequestMembers.ofDocuments(spec), ServerPreset.of(spec).maxTokens()),
                embedder.tokenizer(),
                embedder,
                new PipelineListeners(List.of(progress, metrics)),
                new BatchProgress(progress, metrics));
        return new ProviderBatches(
                run.sink(), run.run(), spec.usesBatches(), money(run.manifest(), spec), http, batches);
    }

    private static void checkServed(OpenAiHttp http, BatchForm form) throws InterruptedException {
        try {
            ServedBatches.check(http, form);
        } catch (SpecificationException | InterruptedException e) {
            http.close();
            throw e;
        }
    }

    private static BatchMoney money(Manifest manifest, OpenAiEmbedder spec) {
        BigDecimal price = Prices.of(spec)
                .map(prices -> prices.batch().usdPerMillionTokens())
                .orElse(BigDecimal.ZERO);
        return new BatchMoney(
                price, Optional.ofNullable(manifest.spec().budget()).map(BudgetSpec::usd));
    }

    @Override
    public ShardWork work(ShardLease lease, WindowReader reader, WindowSink windows) {
        PendingDocuments pending = sink.pending(run, lease, money);
        if (!used) {
            settle(pending);
            return new ShardWork(lease.shard(), reader, windows);
        }
        return new ShardWork(
                lease.shard(), reader, windows, Optional.of(batches.take(lease.shard(), pending, windows)));
    }

    private void settle(PendingDocuments pending) {
        try {
            batches.settle(pending);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while batches of the run before were settled", e);
        }
    }

    @Override
    public void await() throws InterruptedException {
        batches.await();
    }

    @Override
    public void stop() {
        batches.stop();
    }

    @Override
    public Optional<Progress.Waiting> waiting() {
        return batches.waiting();
    }

    @Override
    public void close() {
        batches.close();
        http.close();
    }
}
