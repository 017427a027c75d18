package io.embeddingoperator.bench;

import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.manifest.ManifestReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The runner's embedder beside others, on the same texts and the same cores. Prints a section of the report. */
@Command(name = "embedding", mixinStandardHelpOptions = true)
public final class EmbeddingBenchmark implements Callable<Integer> {
    private static final int WARM_UP_TEXTS = 64;
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final Rounds measured = new Rounds();
    private final Map<String, Double> cosines = new HashMap<>();

    @Option(names = "--manifest", required = true, description = "names the model and the chunking")
    private Path manifest;

    @Option(names = "--corpus", required = true, description = "NDJSON with title and body")
    private Path corpus;

    @Option(names = "--texts", defaultValue = "800", description = "texts a measurement (default: ${DEFAULT-VALUE})")
    private int texts;

    @Option(
            names = "--whole-documents",
            description =
                    "take documents as they are, each cut at the model's limit, in place of the manifest's chunks")
    private boolean wholeDocuments;

    @Option(names = "--rounds", defaultValue = "5", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--python", description = "a Python with sentence-transformers; without it, that does not compete")
    private Path python;

    @Option(names = "--python-script", description = "measures sentence-transformers")
    private Path pythonScript;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EmbeddingBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        EmbeddingJobSpec spec = ManifestReader.read(manifest).spec();
        OnnxEmbedder onnx = Objects.requireNonNull(spec.embedder().onnx(), "spec.embedder.onnx");
        int maxTokens = Objects.requireNonNull(onnx.maxTokens(), "spec.embedder.onnx.maxTokens");
        ModelFiles files = ModelLocator.of(System.getenv()).locate(onnx.model().selected());
        Path folder = Files.createTempDirectory("embedding-bench");
        RunnerContender runner = new RunnerContender(onnx, files);
        Map<Contender, Double> rivals = new LinkedHashMap<>();
        rivals.put(new NaiveContender(files, maxTokens), 2.5);
        rivals.put(Langchain4jContender.cuttingAt(maxTokens, files, folder), 1.3);
        if (python != null) {
            rivals.put(new SentenceTransformersContender(python, pythonScript, folder, CORES), 1.0);
        }
        List<Contender> contenders = new ArrayList<>(List.of(runner));
        contenders.addAll(rivals.keySet());
        contenders.add(Langchain4jContender.asPublished(files));

        ChunkingSpec chunking = wholeDocuments
                ? new ChunkingSpec(
                        ChunkingStrategy.None, ChunkingSpec.DEFAULT.maxTokens(), ChunkingSpec.DEFAULT.overlapTokens())
                : spec.chunking();
        Corpus sample = Corpus.read(
                        corpus, Chunker.of(chunking, runner.embedder().tokenizer()))
                .sample(texts);
        for (Contender contender : contenders) {
            contender.embed(sample.sample(WARM_UP_TEXTS).texts());
        }
        for (int round = 1; round <= rounds; round++) {
            measure(round, contenders, sample);
        }
        print(sample, contenders);
        Goal.print(rivals.entrySet().stream()
                .map(rival -> new Goal(
                        "the runner against " + rival.getKey().name(),
                        rival.getValue(),
                        measured.speedup(runner.name(), rival.getKey().name())))
                .toList());
        return 0;
    }

    /** The first contender is the runner, whose vectors the others' are compared with. */
    private void measure(int round, List<Contender> contenders, Corpus sample) throws Exception {
        List<float[]> reference = List.of();
        for (Contender contender : contenders) {
            Contender.Embedded embedded = contender.embed(sample.texts());
            measured.add(contender.name(), embedded.seconds());
            System.err.printf(Locale.ROOT, "round %d: %.2f s, %s%n", round, embedded.seconds(), contender.name());
            reference = reference.isEmpty() ? embedded.vectors() : reference;
            if (!embedded.vectors().isEmpty()) {
                cosines.put(contender.name(), Agreement.leastCosine(reference, embedded.vectors()));
            }
        }
    }

    private void print(Corpus sample, List<Contender> contenders) {
        System.out.printf(
                Locale.ROOT,
                """
                ## Embedding on the CPU: %s

                %,d texts of the corpus, %,d tokens, %d rounds in turn; loading the models is not counted, tokenizing is.

                | | texts/s: median (least – greatest round) | tokens/s, median | time beside the runner's | least cosine to the runner's vectors |
                |---|---|---|---|---|
                """,
                wholeDocuments ? "whole documents, cut at the model's limit" : "chunks, as the quickstart makes them",
                sample.chunks().size(),
                sample.tokens(),
                rounds);
        String runner = contenders.getFirst().name();
        for (Contender contender : contenders) {
            String name = contender.name();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %,.0f | %s | %s |%n",
                    name,
                    measured.perSecond(name, sample.chunks().size()).describe("%.1f"),
                    measured.perSecond(name, sample.tokens()).median(),
                    measured.speedup(runner, name).describe("%.2f"),
                    cosines.containsKey(name) ? "%.6f".formatted(cosines.get(name)) : "–");
        }
    }
}
