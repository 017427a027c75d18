package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.batches.BatchCancellation;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.source.ShardRange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Cancels what a job has at a provider, in any run: batches are told to stop, and files are deleted. It needs neither the
 * job's source nor its table, and takes the job's shards: a runner that is still at work ends and hands nothing in any more.
 */
public final class JobCancellation {
    private static final int CONNECTIONS = 4;

    private JobCancellation() {}

    /**
     * @param patience how long the provider is waited for
     * @param tell hears a line for each thing that was done
     */
    public static ExitCode of(
            Manifest manifest, RunnerEnvironment environment, Duration patience, Consumer<String> tell)
            throws InterruptedException {
        return switch (manifest.spec().embedder().selected()) {
            case OnnxEmbedder _ -> nothing(tell);
            case OpenAiEmbedder openai -> cancel(manifest, openai, environment, patience, tell);
        };
    }

    private static ExitCode cancel(
            Manifest manifest,
            OpenAiEmbedder spec,
            RunnerEnvironment environment,
            Duration patience,
            Consumer<String> tell)
            throws InterruptedException {
        try (WaitingLog _ = WaitingLog.begin("not cancelled yet");
                EmbeddingSink sink = EmbeddingSink.open(
                        manifest.spec().sink().pgvector(),
                        environment.connection(EnvironmentVariable.SINK_URI, manifest))) {
            List<Run> runs = sink.runsWithUnfinishedBatches(manifest.identity());
            if (runs.isEmpty()) {
                return nothing(tell);
            }
            BatchForm form = BatchForm.of(spec);
            OpenAiEndpoint endpoint = form.endpoint(spec, OpenAiEndpoint.of(spec, environment.variables()));
            try (OpenAiHttp http = OpenAiHttp.open(endpoint, CONNECTIONS)) {
                BatchCancellation cancellation = new BatchCancellation(http, form, manifest.job());
                for (Run run : runs) {
                    take(sink, run, cancellation, tell);
                }
                return outcome(left(cancellation, patience), tell);
            }
        }
    }

    private static void take(EmbeddingSink sink, Run run, BatchCancellation cancellation, Consumer<String> tell) {
        for (ShardRange range : run.shards()) {
            sink.take(run, range.shard())
                    .ifPresent(lease -> cancellation
                            .add(sink.pending(run, lease, BatchMoney.FREE))
                            .forEach(batch -> tell.accept("run %d, shard %d: %s of %,d documents is cancelled"
                                    .formatted(run.run(), batch.shard(), name(batch), batch.documents()))));
        }
    }

    private static List<BatchRecord> left(BatchCancellation cancellation, Duration patience)
            throws InterruptedException {
        try (Activity waiting = Activities.ofThisProcess().begin("Waiting for the provider to let go")) {
            return cancellation.run(
                    patience,
                    left -> waiting.explainedBy(() -> Optional.of(left.stream()
                            .map(batch -> "%s is %s".formatted(name(batch), status(batch)))
                            .collect(Collectors.joining(", ")))));
        }
    }

    private static ExitCode outcome(List<BatchRecord> left, Consumer<String> tell) {
        if (left.isEmpty()) {
            tell.accept("nothing of the job is left at the provider");
            return ExitCode.DONE;
        }
        left.forEach(batch -> tell.accept("%s is not gone yet (%s)".formatted(name(batch), status(batch))));
        tell.accept("the provider takes its time: run this again");
        return ExitCode.TRY_AGAIN;
    }

    private static ExitCode nothing(Consumer<String> tell) {
        tell.accept("the job has nothing at a provider");
        return ExitCode.DONE;
    }

    private static String name(BatchRecord batch) {
        return batch.atProvider()
                .providerBatchId()
                .map(id -> "batch %s (%s)".formatted(batch.id(), id))
                .orElse("batch " + batch.id());
    }

    private static String status(BatchRecord batch) {
        return batch.atProvider().providerStatus().orElse(batch.state().name());
    }
}
