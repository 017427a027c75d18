package io.embeddingoperator.api.v1alpha1;

/**
 * Where a volume may be mounted in a runner pod: folders that the runner's image does not have. Any other path could lie over, or
 * above, the programs and settings of the runner itself.
 */
public final class MountFolder {
    /** No part of such a path begins with a dot, so that none leads upwards. */
    static final String FORM = "^/(source|models?|data|cache|certs|scratch|mnt)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$";

    static final String ADVICE = "mount it at /source, /model, /models, /data, /cache, /certs, /scratch, /mnt or below"
            + " one of them: every other folder belongs to the runner itself";

    private MountFolder() {}

    public static boolean isAllowed(String path) {
        return Field.matches(FORM, path);
    }

    /** What is wrong with a path that is not allowed, as the end of a sentence that begins with the field. */
    public static String refusal(String path) {
        return "is %s: %s".formatted(path, ADVICE);
    }
}
