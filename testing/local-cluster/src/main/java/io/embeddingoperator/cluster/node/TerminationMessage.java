package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What a container leaves behind when it ends: its message file, or the end of its log. */
final class TerminationMessage {
    private static final int LONGEST = 4096;
    private static final int LONGEST_FROM_LOG = 2048;
    private static final int MOST_LINES_FROM_LOG = 80;

    private TerminationMessage() {}

    /**
     * The message, with the kubelet's limits in bytes.
     *
     * @param policy File or FallbackToLogsOnError
     */
    static String of(Path file, Path log, String policy, boolean failed) {
        String message = tail(file, LONGEST);
        return message.isEmpty() && failed && "FallbackToLogsOnError".equals(policy) ? endOf(log) : message;
    }

    static String endOf(Path log) {
        List<String> lines = tail(log, LONGEST_FROM_LOG).lines().toList();
        String end = String.join("\n", lines.subList(Math.max(0, lines.size() - MOST_LINES_FROM_LOG), lines.size()));
        return end.isEmpty() ? end : end + "\n";
    }

    private static String tail(Path path, int bytes) {
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            long length = file.length();
            file.seek(Math.max(0, length - bytes));
            byte[] end = new byte[(int) Math.min(length, bytes)];
            file.readFully(end);
            return new String(end, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException("a container's last words could not be read: " + path, failure);
        }
    }
}
