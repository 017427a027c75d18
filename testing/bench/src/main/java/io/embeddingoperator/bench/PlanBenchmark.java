package io.embeddingoperator.bench;

import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.UnchangedObjects;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.StoredFile;
import io.embeddingoperator.runner.source.files.FileStore;
import io.embeddingoperator.runner.source.files.FilesSource;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A plan over a bucket of many objects, of which a list takes no time: how much memory and time it needs, and how large it is. The
 * heap is the JVM's {@code -Xmx}: where it does not suffice, this ends with an error. Prints a row of a table.
 */
@Command(name = "plan", mixinStandardHelpOptions = true)
public final class PlanBenchmark implements Callable<Integer> {
    @Option(names = "--objects", defaultValue = "10000000", description = "in the bucket (default: ${DEFAULT-VALUE})")
    private int objects;

    @Option(names = "--shards", defaultValue = "64", description = "of the run (default: ${DEFAULT-VALUE})")
    private int shards;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PlanBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() {
        S3Source source = new S3Source(
                "docs",
                "",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                DocumentFormat.Text,
                null,
                List.of(),
                List.of(),
                List.of(),
                UnchangedObjects.Read);
        long start = System.nanoTime();
        try (FilesSource files = FilesSource.open(source, new Listed(objects))) {
            List<ShardRange> plan = files.plan(shards);
            double seconds = (System.nanoTime() - start) / 1e9;
            long bytes = plan.stream()
                    .mapToLong(range -> range.definition().length())
                    .sum();
            long largest = plan.stream().mapToLong(ShardRange::work).max().orElseThrow();
            double mean = plan.stream().mapToLong(ShardRange::work).average().orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "| %,d | %d | %d MB | %.0f s | %.0f bytes | %.4f |%n",
                    objects,
                    plan.size(),
                    Runtime.getRuntime().maxMemory() >> 20,
                    seconds,
                    (double) bytes / objects,
                    largest / mean);
        }
        return 0;
    }

    /** Objects with keys of 59 characters in a hundred folders, with the tags of their content and with sizes that follow Zipf's law. */
    private record Listed(int objects) implements FileStore {
        @Override
        public Stream<StoredFile> list() {
            Random random = new Random(1);
            byte[] tag = new byte[16];
            return IntStream.range(0, objects).mapToObj(i -> {
                random.nextBytes(tag);
                return new StoredFile(
                        "articles/2026/folder-%02d/%09d-%016x-page.txt"
                                .formatted(i / (objects / 100 + 1), i, random.nextLong()),
                        1 + 10_000_000L / (1 + random.nextInt(100_000)),
                        HexFormat.of().formatHex(tag));
            });
        }

        @Override
        public void refuseChanged(StoredFile listed) {}

        @Override
        public InputStream open(StoredFile file, long from, long to) {
            return InputStream.nullInputStream();
        }
    }
}
