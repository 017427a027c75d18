package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The output of one start of a container, as far as a request asks for it.
 *
 * @param file where it stands
 * @param grows whether more may come
 */
record ContainerLog(Path file, LogRequest request, BooleanSupplier grows) {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final String SUFFIX = ".log";

    /** The logs of a container by start, the oldest first. */
    static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted(Comparator.comparingInt(ContainerLog::attempt)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int attempt(Path file) {
        return Integer.parseInt(file.getFileName().toString().replace(SUFFIX, ""));
    }

    /** Returns when all is written; when it is followed, that is when the container has ended. */
    void writeTo(OutputStream out) throws IOException, InterruptedException {
        try (var log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(start(log));
            long left = request.limitBytes();
            while (left > 0) {
                // Asked before it is read: what was said until the end is read after it.
                boolean more = request.follow() && grows.getAsBoolean();
                left -= copy(log, out, left);
                if (!more) {
                    return;
                }
                Thread.sleep(LOOK);
            }
        }
    }

    private static long copy(RandomAccessFile log, OutputStream out, long most) throws IOException {
        byte[] buffer = new byte[8192];
        long copied = 0;
        int read = log.read(buffer);
        while (read > 0 && copied < most) {
            int wanted = (int) Math.min(read, most - copied);
            out.write(buffer, 0, wanted);
            copied += wanted;
            read = log.read(buffer);
        }
        out.flush();
        return copied;
    }

    /** Where the last lines begin that were asked for. */
    private long start(RandomAccessFile log) throws IOException {
        if (request.tailLines() < 0) {
            return 0;
        }
        long position = log.length();
        long lines = 0;
        while (position > 0) {
            log.seek(position - 1);
            // The end of the last line ends no other one.
            if (log.read() == '\n' && position < log.length() && ++lines == request.tailLines()) {
                return position;
            }
            position--;
        }
        return request.tailLines() == 0 ? log.length() : 0;
    }
}
