package io.embeddingoperator.bench;

import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.UnchangedObjects;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.files.FilesSource;
import io.embeddingoperator.runner.source.s3.S3Store;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Documents out of a store of objects against the same files on a volume, and against a program that copies the objects. Rounds are
 * interleaved; prints a section of the report. The credentials are those of the environment.
 */
@Command(name = "reading", mixinStandardHelpOptions = true)
public final class ReadingBenchmark implements Callable<Integer> {
    private static final String OBJECTS = "the runner's reader, objects";
    private static final String VOLUME = "the runner's reader, the same files on a volume";
    private static final int WINDOW_DOCUMENTS = 1_024;

    @Option(names = "--endpoint", required = true, description = "of the store, whose bucket is docs")
    private String endpoint;

    @Option(names = "--prefix", required = true, description = "of the objects")
    private String prefix;

    @Option(names = "--folder", required = true, description = "that holds the same files")
    private Path folder;

    @Option(names = "--copy", description = "a shell's command that copies the objects")
    private @Nullable String copy;

    @Option(names = "--rounds", defaultValue = "3", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    private final Rounds measured = new Rounds();
    private final Rounds processor = new Rounds();
    private long bytes;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ReadingBenchmark()).execute(arguments));
    }

    /** Reads all of it once, and says how many bytes of texts that were. */
    private interface Reading {
        long read() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        Map<String, Reading> readers = new LinkedHashMap<>();
        readers.put(VOLUME, () -> read(this::volume));
        readers.put(OBJECTS, () -> read(this::objects));
        if (copy != null) {
            readers.put("`%s`".formatted(copy), this::copied);
        }
        bytes = read(this::objects);
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Reading> reader : readers.entrySet()) {
                long start = System.nanoTime();
                double before = processorSeconds();
                reader.getValue().read();
                measured.add(reader.getKey(), (System.nanoTime() - start) / 1e9);
                processor.add(reader.getKey(), processorSeconds() - before);
            }
        }
        print();
        return 0;
    }

    private void print() {
        System.out.println(
                "| | MB/s: median (least – greatest round) | processor seconds of the reader a GB, median |");
        System.out.println("|---|---|---|");
        for (String reader : measured.contenders()) {
            Spread rate = measured.perSecond(reader, bytes / 1e6);
            Spread spent = processor.perSecond(reader, bytes / 1e9);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.0f (%.0f – %.0f) | %s |%n",
                    reader,
                    rate.median(),
                    rate.min(),
                    rate.max(),
                    reader.startsWith("`") ? "–" : "%.1f".formatted(1 / spent.median()));
        }
    }

    private static long read(Supplier<FilesSource> opened) {
        long read = 0;
        try (FilesSource source = opened.get()) {
            for (ShardRange shard : source.plan(1)) {
                try (WindowReader reader = source.read(shard, Optional.empty(), WINDOW_DOCUMENTS)) {
                    for (Optional<SourceWindow> next = reader.next(); next.isPresent(); next = reader.next()) {
                        read += next.get().work();
                    }
                }
            }
        }
        return read;
    }

    private FilesSource objects() {
        S3Source source = new S3Source(
                "docs",
                prefix,
                null,
                endpoint,
                null,
                null,
                null,
                null,
                null,
                DocumentFormat.NDJSON,
                "id",
                List.of("body"),
                List.of(),
                List.of(),
                UnchangedObjects.Read);
        return FilesSource.open(source, S3Store.open(source, Map.of()));
    }

    private FilesSource volume() {
        return FilesSource.open(
                new VolumeSource(
                        null, folder + "/*.ndjson", DocumentFormat.NDJSON, "id", List.of("body"), List.of(), List.of()),
                Optional.empty());
    }

    private long copied() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", copy)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("%s ended with %d".formatted(copy, process.exitValue()));
        }
        return bytes;
    }

    private static double processorSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }
}
