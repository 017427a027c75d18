package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The command line of this process, which ONNX Runtime reads when it is loaded: on Linux, version 1.29.0 ends the
 * process with a segmentation fault when the line is long. 3,968 bytes were seen to work and 3,988 not to; a Java
 * class path that is spelled out exceeds that easily.
 */
final class CommandLine {
    private static final Path LINE = Path.of("/proc/self/cmdline");
    private static final int LONGEST_BYTES = 3_900;

    private CommandLine() {}

    /** Refuses with a sentence what would end without one. */
    static void check() {
        if (Files.isReadable(LINE)) {
            try {
                check(Files.readAllBytes(LINE).length);
            } catch (IOException e) {
                throw new IllegalStateException(LINE + " cannot be read", e);
            }
        }
    }

    static void check(int bytes) {
        if (bytes > LONGEST_BYTES) {
            throw new SpecificationException(
                    ("the runner's command line has %d bytes, and ONNX Runtime cannot be loaded "
                                    + "beyond %d: use shorter arguments and a class path with wildcards")
                            .formatted(bytes, LONGEST_BYTES));
        }
    }
}
