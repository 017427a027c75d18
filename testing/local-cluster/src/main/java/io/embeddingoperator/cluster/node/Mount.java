package io.embeddingoperator.cluster.node;

import java.nio.file.Path;

/** One path of this machine as a container sees it. */
record Mount(Mode mode, Path source, Path target) {
    enum Mode {
        READ_ONLY("ro"),
        READ_WRITE("rw"),
        /** No mount: a folder of this machine that every user may enter, as what lies in an image can be reached by all. */
        OPEN("open");

        private final String word;

        Mode(String word) {
            this.word = word;
        }
    }

    Mount {
        source = source.toAbsolutePath().normalize();
        target = target.normalize();
        if (!target.isAbsolute() || target.getNameCount() == 0) {
            throw new IllegalArgumentException("mount path \"" + target + "\" must be absolute and below the root");
        }
        if ((source + "\n" + target).lines().count() != 2 || (source + "" + target).contains("\t")) {
            throw new IllegalArgumentException(
                    "no mount path may hold a tab or a line break: " + source + ", " + target);
        }
    }

    /** The line of the plan that {@code container-root.sh} reads. */
    String line() {
        return mode.word + "\t" + source + "\t" + target + "\n";
    }
}
