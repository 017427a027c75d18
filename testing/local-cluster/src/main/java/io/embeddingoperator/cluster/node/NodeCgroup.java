package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel counts and limits of a node, with all of its pods below it.
 *
 * @param name of the cgroup, in every hierarchy of cgroup v1 or in the only one of cgroup v2
 */
record NodeCgroup(String name) {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final boolean V2 = Files.exists(ROOT.resolve("cgroup.controllers"));

    void freeze() {
        if (V2) {
            write(ROOT.resolve(name).resolve("cgroup.freeze"), "1");
        } else {
            write(ROOT.resolve("freezer").resolve(name).resolve("freezer.state"), "FROZEN");
        }
    }

    void thaw() {
        if (V2) {
            write(ROOT.resolve(name).resolve("cgroup.freeze"), "0");
        } else {
            write(ROOT.resolve("freezer").resolve(name).resolve("freezer.state"), "THAWED");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
