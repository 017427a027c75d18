package io.embeddingoperator.bench;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.manifest.ManifestReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Whole runs, from a table to a table, beside the embedder alone on the same chunks: how well reading, chunking and
 * writing hide behind embedding. Prints a section of the report.
 */
@Command(name = "end-to-end", mixinStandardHelpOptions = true)
public final class EndToEndBenchmark implements Callable<Integer> {
    private static final String RUN = "embedding-runner run";
    private static final String EMBEDDER = "the embedder alone";

    @Option(names = "--manifest", required = true, description = "embeds the corpus from and into the database")
    private Path manifest;

    @Option(
            names = "--corpus",
            required = true,
            description = "NDJSON with title and body, as the source table holds it")
    private Path corpus;

    @Option(names = "--uri", required = true, description = "of the database, whose vectors and runs are deleted")
    private String uri;

    @Option(names = "--runner", required = true, description = "the command embedding-runner")
    private Path command;

    @Option(names = "--rounds", defaultValue = "3", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    private final Rounds measured = new Rounds();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EndToEndBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        EmbeddingJobSpec spec = ManifestReader.read(manifest).spec();
        OnnxEmbedder onnx = Objects.requireNonNull(spec.embedder().onnx(), "spec.embedder.onnx");
        RunnerContender embedder = new RunnerContender(
                onnx, ModelLocator.of(System.getenv()).locate(onnx.model().selected()));
        Corpus chunks = Corpus.read(
                corpus, Chunker.of(spec.chunking(), embedder.embedder().tokenizer()));
        Progress run = null;
        for (int round = 1; round <= rounds; round++) {
            measured.add(EMBEDDER, embedder.embed(chunks.texts()).seconds());
            run = run(spec);
            requireSameWork(run, chunks);
            measured.add(RUN, run.committed().tokens() / run.pace().tokensPerSecond());
            System.err.printf(
                    Locale.ROOT,
                    "round %d: %.3f%n",
                    round,
                    measured.speedup(RUN, EMBEDDER).median());
        }
        print(Objects.requireNonNull(run, "no round was made"));
        Goal.print(List.of(new Goal("a run against the embedder alone", 0.97, measured.speedup(RUN, EMBEDDER))));
        return 0;
    }

    /** A whole run into an empty database, by a process of its own. */
    private Progress run(EmbeddingJobSpec spec) throws IOException, InterruptedException, SQLException {
        new Server(uri)
                .execute(
                        "DROP SCHEMA IF EXISTS embedding_operator CASCADE",
                        "DROP TABLE IF EXISTS " + spec.sink().pgvector().table(),
                        "CHECKPOINT");
        Path lastWords = Files.createTempFile("end-to-end-bench", ".json");
        ProcessBuilder process = new ProcessBuilder(command.toString(), "run", "-f", manifest.toString());
        process.environment()
                .putAll(Map.of(
                        EnvironmentVariable.SOURCE_URI,
                        uri,
                        EnvironmentVariable.SINK_URI,
                        uri,
                        EnvironmentVariable.TERMINATION_MESSAGE_PATH,
                        lastWords.toString()));
        // Its own words go to the terminal; this program's output is the report.
        process.redirectOutput(ProcessBuilder.Redirect.appendTo(new File("/dev/stderr")));
        process.redirectError(ProcessBuilder.Redirect.INHERIT);
        if (process.start().waitFor() != 0) {
            throw new IOException("%s failed: %s".formatted(command, Files.readString(lastWords)));
        }
        return TerminationMessage.read(Files.readString(lastWords));
    }

    private static void requireSameWork(Progress run, Corpus chunks) {
        if (run.committed().chunks() != chunks.chunks().size()
                || run.committed().tokens() != chunks.tokens()) {
            throw new IllegalStateException("the run embedded %d chunks of %d tokens, the embedder %d of %d"
                    .formatted(
                            run.committed().chunks(),
                            run.committed().tokens(),
                            chunks.chunks().size(),
                            chunks.tokens()));
        }
    }

    private void print(Progress run) {
        System.out.printf(
                Locale.ROOT,
                """
                ## From table to table

                %,d documents in %d rounds, each into an empty database: %,d chunks, %,d tokens. The time of a run is the one it reports
                itself, from opening its shards to the last commit: reading, chunking, tokenizing, embedding and writing, with the
                first window that nothing hides and the last that nothing follows. The start of the JVM, loading the model and
                building the index are not in it. The embedder alone is measured as above.

                | | documents/s: median (least – greatest round) | tokens/s |
                |---|---|---|
                """,
                run.committed().documents().embedded(),
                rounds,
                run.committed().chunks(),
                run.committed().tokens());
        for (String name : measured.contenders()) {
            System.out.printf(
                    "| %s | %s | %s |%n",
                    name,
                    measured.perSecond(name, run.committed().documents().embedded())
                            .describe("%.1f"),
                    measured.perSecond(name, run.committed().tokens()).describe("%,.0f"));
        }
    }
}
