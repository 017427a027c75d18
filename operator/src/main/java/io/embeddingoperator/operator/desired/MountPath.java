package io.embeddingoperator.operator.desired;

import java.nio.file.Path;

/** Paths inside a container. */
final class MountPath {
    private MountPath() {}

    /** The same path without doubled or trailing slashes. */
    static String normal(String path) {
        return Path.of(path).normalize().toString();
    }

    /** Whether a path, or a glob, is the folder or below it. */
    static boolean isIn(String path, String folder) {
        String normal = normal(folder);
        String prefix = normal.endsWith("/") ? normal : normal + "/";
        return path.equals(normal) || path.startsWith(prefix);
    }

    /** Whether one folder is the other, or lies in it. */
    static boolean overlap(String one, String other) {
        return isIn(normal(one), other) || isIn(normal(other), one);
    }
}
