package io.embeddingoperator.operator.config;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Everything that an installation of the operator decides, checked when the process starts. */
public record OperatorSettings(
        WatchedNamespaces namespaces,
        RunnerImages images,
        LeaderElection leaderElection,
        HttpSettings http,
        Cadence cadence,
        Tenancy tenancy,
        LogSettings log) {

    /**
     * The settings as the environment gives them; {@link OperatorVariable} says what each variable means.
     *
     * @throws IllegalArgumentException with a sentence that names the variable, its value and the rule
     */
    public static OperatorSettings from(Map<String, String> environment) {
        Environment variables = new Environment(environment);
        return new OperatorSettings(
                new WatchedNamespaces(Set.copyOf(variables.list(OperatorVariable.WATCH_NAMESPACES))),
                new RunnerImages(
                        variables.text(OperatorVariable.RUNNER_IMAGE, ""),
                        variables.text(OperatorVariable.RUNNER_CUDA_IMAGE, ""),
                        variables.text(OperatorVariable.RUNNER_IMAGE_PULL_POLICY, "IfNotPresent"),
                        variables.list(OperatorVariable.RUNNER_IMAGE_PULL_SECRETS)),
                new LeaderElection(
                        variables.flag(OperatorVariable.LEADER_ELECTION, true),
                        variables.text(OperatorVariable.LEASE_NAME, "embedding-operator"),
                        variables.text(OperatorVariable.NAMESPACE, "")),
                new HttpSettings(
                        variables.text(OperatorVariable.HTTP_ADDRESS, ""),
                        variables.number(OperatorVariable.HTTP_PORT, 8080)),
                new Cadence(
                        Duration.ofSeconds(variables.number(OperatorVariable.STATUS_INTERVAL_SECONDS, 5)),
                        Duration.ofMillis(variables.number(OperatorVariable.PROGRESS_TIMEOUT_MILLIS, 1000)),
                        Duration.ofSeconds(variables.number(OperatorVariable.CANCEL_TIMEOUT_SECONDS, 600)),
                        variables.number(OperatorVariable.CONCURRENT_RECONCILIATIONS, 16)),
                tenancy(variables),
                new LogSettings(
                        variables.text(OperatorVariable.LOG_FORMAT, "json"),
                        variables.text(OperatorVariable.LOG_LEVEL, "INFO")));
    }

    private static Tenancy tenancy(Environment variables) {
        return new Tenancy(
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_SERVICE_ACCOUNTS)),
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_PRIORITY_CLASSES)),
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_RUNTIME_CLASSES)),
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_LABELS)),
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_ANNOTATIONS)),
                Set.copyOf(variables.list(OperatorVariable.ALLOWED_ENVIRONMENT)),
                variables.urls(OperatorVariable.ALLOWED_BASE_URLS),
                variables.urls(OperatorVariable.ALLOWED_MODEL_URLS),
                variables.urls(OperatorVariable.ALLOWED_S3_ENDPOINTS),
                variables.list(OperatorVariable.ALLOWED_MODEL_IMAGES),
                variables.kinds(OperatorVariable.LABELLED_KINDS));
    }

    /** Values by variable; an empty one is as good as none, as a chart renders what a user left out. */
    private record Environment(Map<String, String> variables) {
        String text(String variable, String fallback) {
            String value = variables.getOrDefault(variable, "").strip();
            return value.isEmpty() ? fallback : value;
        }

        List<String> list(String variable) {
            return Stream.of(text(variable, "").split(","))
                    .map(String::strip)
                    .filter(item -> !item.isEmpty())
                    .distinct()
                    .toList();
        }

        List<AllowedUrl> urls(String variable) {
            List<String> urls = list(variable);
            for (String url : urls) {
                Setting.check(
                        AllowedUrl.isOne(url),
                        variable,
                        url,
                        "use scheme://host, with a port and a path where they matter, or *, separated by commas");
            }
            return urls.stream().map(AllowedUrl::new).toList();
        }

        Set<LabelledKind> kinds(String variable) {
            Set<LabelledKind> kinds = EnumSet.noneOf(LabelledKind.class);
            for (String name : list(variable)) {
                kinds.add(Stream.of(LabelledKind.values())
                        .filter(kind -> kind.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "the environment variable %s is \"%s\": use Secret, ConfigMap, PersistentVolumeClaim"
                                        .formatted(variable, name))));
            }
            return kinds;
        }

        boolean flag(String variable, boolean fallback) {
            String value = text(variable, Boolean.toString(fallback));
            Setting.check(value.equals("true") || value.equals("false"), variable, value, "use true or false");
            return value.equals("true");
        }

        int number(String variable, int fallback) {
            String value = text(variable, Integer.toString(fallback));
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "the environment variable %s is \"%s\": use a whole number".formatted(variable, value), e);
            }
        }
    }
}
