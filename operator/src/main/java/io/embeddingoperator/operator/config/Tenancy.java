package io.embeddingoperator.operator.config;

import io.embeddingoperator.api.v1alpha1.TemplateVariable;
import java.util.List;
import java.util.Set;

/**
 * What the right to create EmbeddingJobs amounts to: what their manifests may name, beyond what every run may have.
 *
 * @param serviceAccounts beside {@code default}
 * @param priorityClasses names of PriorityClasses
 * @param runtimeClasses names of RuntimeClasses
 * @param labels names of labels; {@code example.com/*} stands for all of a domain
 * @param annotations names of annotations, in the same form
 * @param environment names of environment variables, beside the runner's own
 * @param baseUrls where texts and API keys may be sent
 * @param modelUrls where models may be downloaded from
 * @param s3Endpoints where objects may be read from, beside S3 itself
 * @param modelImages beginnings of the names of images that models may be in; {@code *} stands for every image
 * @param labelled the kinds of objects of which a manifest may name only those that carry {@link #LABEL}
 */
public record Tenancy(
        Set<String> serviceAccounts,
        Set<String> priorityClasses,
        Set<String> runtimeClasses,
        Set<String> labels,
        Set<String> annotations,
        Set<String> environment,
        List<AllowedUrl> baseUrls,
        List<AllowedUrl> modelUrls,
        List<AllowedUrl> s3Endpoints,
        List<String> modelImages,
        Set<LabelledKind> labelled) {
    /** With the value {@code true} it says that EmbeddingJobs of the namespace may use an object. */
    public static final String LABEL = "embedding-operator.io/allow";

    private static final String EVERY = "*";
    private static final String KEY = "([A-Za-z0-9.-]+/)?([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\*)";

    public Tenancy {
        checkNames(serviceAccounts, OperatorVariable.ALLOWED_SERVICE_ACCOUNTS, "use names of ServiceAccounts");
        checkNames(priorityClasses, OperatorVariable.ALLOWED_PRIORITY_CLASSES, "use names of PriorityClasses");
        checkNames(runtimeClasses, OperatorVariable.ALLOWED_RUNTIME_CLASSES, "use names of RuntimeClasses");
        checkKeys(labels, OperatorVariable.ALLOWED_LABELS, "labels");
        checkKeys(annotations, OperatorVariable.ALLOWED_ANNOTATIONS, "annotations");
        for (String name : environment) {
            Setting.check(
                    name.matches("[A-Za-z_][A-Za-z0-9_]*") && !TemplateVariable.isNeverAllowed(name),
                    OperatorVariable.ALLOWED_ENVIRONMENT,
                    name,
                    "use names of variables that neither a loader, a shell, the JVM, a driver nor the runner itself reads");
        }
        serviceAccounts = Set.copyOf(serviceAccounts);
        priorityClasses = Set.copyOf(priorityClasses);
        runtimeClasses = Set.copyOf(runtimeClasses);
        labels = Set.copyOf(labels);
        annotations = Set.copyOf(annotations);
        environment = Set.copyOf(environment);
        baseUrls = List.copyOf(baseUrls);
        modelUrls = List.copyOf(modelUrls);
        s3Endpoints = List.copyOf(s3Endpoints);
        modelImages = List.copyOf(modelImages);
        labelled = Set.copyOf(labelled);
    }

    public boolean allowsLabel(String key) {
        return allowsKey(key, labels);
    }

    public boolean allowsAnnotation(String key) {
        return allowsKey(key, annotations);
    }

    /** An entry ends where a part of the image's name ends: {@code r.example/team} does not stand for {@code r.example/team-b}. */
    public boolean allowsModelImage(String reference) {
        return modelImages.stream()
                .anyMatch(entry -> entry.equals(EVERY)
                        || reference.equals(entry)
                        || reference.startsWith(entry)
                                && (entry.endsWith("/") || "/:@".indexOf(reference.charAt(entry.length())) >= 0));
    }

    private static boolean allowsKey(String key, Set<String> allowed) {
        int slash = key.indexOf('/');
        return allowed.contains(key) || slash > 0 && allowed.contains(key.substring(0, slash + 1) + EVERY);
    }

    private static void checkNames(Set<String> names, String variable, String rule) {
        for (String name : names) {
            Setting.check(Setting.isObjectName(name), variable, name, rule + ", separated by commas");
        }
    }

    private static void checkKeys(Set<String> keys, String variable, String what) {
        for (String key : keys) {
            Setting.check(
                    key.matches(KEY) && !key.equals(EVERY) && !key.startsWith("embedding-operator.io/"),
                    variable,
                    key,
                    "use names of %s, separated by commas, such as team or example.com/*".formatted(what));
        }
    }
}
