package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.plan.Estimate;
import io.embeddingoperator.runner.plan.IndexEstimate;
import io.embeddingoperator.runner.plan.Quote;
import io.embeddingoperator.runner.progress.ProgressSentence;
import io.embeddingoperator.runner.run.JobEstimate;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what a run would take. */
@Command(
        name = "plan",
        description =
                "Tells documents, chunks, tokens, bytes, money and time from a small sample. Writes and spends nothing.")
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private ManifestOption manifest;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        Manifest job = manifest.read();
        Estimate estimate = JobEstimate.of(job, RunnerEnvironment.of(System.getenv()));
        PrintWriter out = command.commandLine().getOut();
        out.println("embedder   " + estimate.embedder());
        String about = estimate.exact() ? "" : "about ";
        out.println("documents  %s%s".formatted(about, ProgressSentence.number(estimate.documents())));
        out.println("chunks     about " + ProgressSentence.number(estimate.chunks()));
        out.println("tokens     about " + ProgressSentence.number(estimate.tokens()));
        out.println("text       about " + ProgressSentence.bytes(estimate.textBytes()));
        PgvectorSink sink = job.spec().sink().pgvector();
        out.println("vectors    about %s, of %d dimensions"
                .formatted(ProgressSentence.bytes(estimate.vectorBytes(sink.vectorType())), estimate.dimensions()));
        out.println("index      " + index(sink, estimate));
        out.println("orphans    " + orphans(sink));
        switch (job.spec().embedder().selected()) {
            case OnnxEmbedder _ -> out.println(measuredTime(estimate));
            case OpenAiEmbedder openAi ->
                quoted(openAi, estimate, Quote.of(openAi, estimate.chunks(), estimate.tokens()))
                        .forEach(out::println);
        }
        out.println("sample     %s documents read, %s"
                .formatted(
                        ProgressSentence.number(estimate.sampleDocuments()),
                        estimate.sampleSeconds() == 0
                                ? "nothing embedded"
                                : String.format(Locale.ROOT, "chunks embedded for %.1f s", estimate.sampleSeconds())));
        if (estimate.truncatedChunks() > 0) {
            out.println("truncated  %s chunks of the sample are longer than the model takes and would be cut"
                    .formatted(ProgressSentence.number(estimate.truncatedChunks())));
        }
        if (estimate.unknownChunks() > 0) {
            out.println(
                    "unknown    at least half of the tokens of %s chunks of the sample are unknown to the model: choose one for"
                                    .formatted(ProgressSentence.number(estimate.unknownChunks()))
                            + " the languages of these documents, such as a multilingual one");
        }
        return 0;
    }

    private static String index(PgvectorSink sink, Estimate estimate) {
        return switch (sink.index().type()) {
            case None -> "none";
            case HNSW -> {
                IndexEstimate index = estimate.index(sink);
                yield "about %s, which one process of the server builds in about %s"
                        .formatted(ProgressSentence.bytes(index.bytes()), ProgressSentence.duration(index.seconds()));
            }
        };
    }

    private static String orphans(PgvectorSink sink) {
        return gone(sink)
                + switch (sink.onEmpty()) {
                    case Keep -> "";
                    case Delete -> "; those of documents without text count as gone and are removed at the end";
                };
    }

    private static String gone(PgvectorSink sink) {
        return switch (sink.orphans()) {
            case Keep -> "rows of documents that are gone from the source are kept";
            case Delete ->
                "rows of this job whose documents are gone from the source are removed at the end, %s"
                        .formatted(
                                sink.orphanLimitPercent() == 100
                                        ? "however many they are"
                                        : "unless they are more than %d %% of its documents"
                                                .formatted(sink.orphanLimitPercent()));
        };
    }

    private static String measuredTime(Estimate estimate) {
        return "time       about %s on this machine alone, at %,.0f tokens/s"
                .formatted(ProgressSentence.duration(estimate.seconds()), estimate.tokensPerSecond());
    }

    private static List<String> quoted(OpenAiEmbedder spec, Estimate estimate, Quote quote) {
        List<String> lines = new ArrayList<>();
        lines.add("money      "
                + quote.prices()
                        .map(prices -> "about %s USD in realtime%s, by %s"
                                .formatted(
                                        usd(quote.realtime().orElseThrow()),
                                        quote.batch()
                                                .map(batch -> ", about %s USD in batches".formatted(usd(batch)))
                                                .orElse(""),
                                        prices.origin()))
                        .orElse("unknown: give spec.embedder.openai.price if tokens cost something"));
        if (spec.server().hasBatches()) {
            lines.add(mode(spec));
        }
        lines.add(
                estimate.tokensPerSecond() > 0
                        ? measuredTime(estimate)
                        : "time       "
                                + quote.atLeast()
                                        .map(time -> "at least %s in realtime, by spec.embedder.openai.limits"
                                                .formatted(ProgressSentence.duration(time.toSeconds())))
                                        .orElse("unknown: the provider tells its limits with its first reply;"
                                                + " give spec.embedder.openai.limits to have it reckoned here"));
        return lines;
    }

    private static String mode(OpenAiEmbedder spec) {
        return switch (spec.mode()) {
            case Realtime -> "mode       Realtime";
            case Batch -> "mode       Batch";
            case Auto ->
                spec.usesBatches()
                        ? "mode       Auto, which is %s while more than %s documents are to be embedded, otherwise %s"
                                .formatted(
                                        OpenAiMode.Batch,
                                        ProgressSentence.number(spec.batchThreshold()),
                                        OpenAiMode.Realtime)
                        : "mode       Auto, which is %s for server %s: batches are taken in mode %s alone"
                                .formatted(OpenAiMode.Realtime, spec.server(), OpenAiMode.Batch);
        };
    }

    /** To the cent, upwards; less than ten cents more exactly. */
    private static String usd(BigDecimal amount) {
        int digits = amount.compareTo(new BigDecimal("0.10")) < 0 ? 6 : 2;
        return String.format(Locale.ROOT, "%,." + digits + "f", amount.setScale(digits, RoundingMode.UP));
    }
}
