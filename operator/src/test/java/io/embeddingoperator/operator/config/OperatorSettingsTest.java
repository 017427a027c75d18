package io.embeddingoperator.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OperatorSettingsTest {
    private static final Map<String, String> LEAST = Map.of(
            OperatorVariable.NAMESPACE, "embedding-operator",
            OperatorVariable.RUNNER_IMAGE, "registry.example.org/embedding-runner:1",
            OperatorVariable.RUNNER_CUDA_IMAGE, "registry.example.org/embedding-runner-cuda:1");

    @Test
    void whatIsLeftOutHasASoundValue() {
        OperatorSettings settings = OperatorSettings.from(LEAST);

        assertThat(settings)
                .isEqualTo(new OperatorSettings(
                        new WatchedNamespaces(Set.of()),
                        new RunnerImages(
                                "registry.example.org/embedding-runner:1",
                                "registry.example.org/embedding-runner-cuda:1",
                                "IfNotPresent",
                                List.of()),
                        new LeaderElection(true, "embedding-operator", "embedding-operator"),
                        new HttpSettings("", 8080),
                        new Cadence(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofMinutes(10), 16),
                        new Tenancy(
                                Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), List.of(), List.of(),
                                List.of(), List.of(), Set.of()),
                        new LogSettings("json", "INFO")));
        assertThat(settings.namespaces().all()).isTrue();
    }

    @Test
    void everyVariableIsHeard() {
        OperatorSettings settings = OperatorSettings.from(Map.ofEntries(
                Map.entry(OperatorVariable.WATCH_NAMESPACES, "search, research,search"),
                Map.entry(OperatorVariable.NAMESPACE, "operators"),
                Map.entry(OperatorVariable.RUNNER_IMAGE, "runner"),
                Map.entry(OperatorVariable.RUNNER_CUDA_IMAGE, "runner-cuda"),
                Map.entry(OperatorVariable.RUNNER_IMAGE_PULL_POLICY, "Always"),
                Map.entry(OperatorVariable.RUNNER_IMAGE_PULL_SECRETS, "login,other.login"),
                Map.entry(OperatorVariable.LEADER_ELECTION, "false"),
                Map.entry(OperatorVariable.LEASE_NAME, "lease"),
                Map.entry(OperatorVariable.HTTP_PORT, "9090"),
                Map.entry(OperatorVariable.STATUS_INTERVAL_SECONDS, "1"),
                Map.entry(OperatorVariable.PROGRESS_TIMEOUT_MILLIS, "250"),
                Map.entry(OperatorVariable.CANCEL_TIMEOUT_SECONDS, "90"),
                Map.entry(OperatorVariable.CONCURRENT_RECONCILIATIONS, "4"),
                Map.entry(OperatorVariable.ALLOWED_SERVICE_ACCOUNTS, "embedder"),
                Map.entry(OperatorVariable.ALLOWED_PRIORITY_CLASSES, "batch"),
                Map.entry(OperatorVariable.ALLOWED_RUNTIME_CLASSES, "nvidia,kata"),
                Map.entry(OperatorVariable.ALLOWED_LABELS, "team,example.com/*"),
                Map.entry(OperatorVariable.ALLOWED_ANNOTATIONS, "example.com/note"),
                Map.entry(OperatorVariable.ALLOWED_ENVIRONMENT, "TZ"),
                Map.entry(OperatorVariable.ALLOWED_BASE_URLS, "https://api.openai.com,http://*.svc:8080/v1"),
                Map.entry(OperatorVariable.ALLOWED_MODEL_URLS, "*"),
                Map.entry(OperatorVariable.ALLOWED_S3_ENDPOINTS, "https://s3.corp"),
                Map.entry(OperatorVariable.ALLOWED_MODEL_IMAGES, "registry.example.org/models/"),
                Map.entry(OperatorVariable.LABELLED_KINDS, "Secret,PersistentVolumeClaim"),
                Map.entry(OperatorVariable.LOG_FORMAT, "text"),
                Map.entry(OperatorVariable.LOG_LEVEL, "DEBUG")));

        assertThat(settings)
                .isEqualTo(new OperatorSettings(
                        new WatchedNamespaces(Set.of("search", "research")),
                        new RunnerImages("runner", "runner-cuda", "Always", List.of("login", "other.login")),
                        new LeaderElection(false, "lease", "operators"),
                        new HttpSettings("", 9090),
                        new Cadence(Duration.ofSeconds(1), Duration.ofMillis(250), Duration.ofSeconds(90), 4),
                        new Tenancy(
                                Set.of("embedder"),
                                Set.of("batch"),
                                Set.of("nvidia", "kata"),
                                Set.of("team", "example.com/*"),
                                Set.of("example.com/note"),
                                Set.of("TZ"),
                                List.of(
                                        new AllowedUrl("https://api.openai.com"),
                                        new AllowedUrl("http://*.svc:8080/v1")),
                                List.of(new AllowedUrl("*")),
                                List.of(new AllowedUrl("https://s3.corp")),
                                List.of("registry.example.org/models/"),
                                Set.of(LabelledKind.Secret, LabelledKind.PersistentVolumeClaim)),
                        new LogSettings("text", "DEBUG")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    OPERATOR_WATCH_NAMESPACES           | a,kube-system | "kube-system": leave it out: no EmbeddingJob runs in a namespace of Kubernetes itself
                    OPERATOR_WATCH_NAMESPACES           | a,B c       | "B c": use names of namespaces, separated by commas, or leave it empty for all
                    OPERATOR_NAMESPACE                  | ''          | missing or empty: name the operator's own namespace, where its lease is, or set OPERATOR_LEADER_ELECTION to false
                    OPERATOR_NAMESPACE                  | a.b         | "a.b": name the operator's own namespace, where its lease is, or set OPERATOR_LEADER_ELECTION to false
                    OPERATOR_RUNNER_IMAGE               | ' '         | missing or empty: name the runner's image, best by digest
                    OPERATOR_RUNNER_CUDA_IMAGE          | ''          | missing or empty: name the runner's image for NVIDIA GPUs, best by digest
                    OPERATOR_RUNNER_IMAGE_PULL_POLICY   | always      | "always": use Always, IfNotPresent or Never
                    OPERATOR_RUNNER_IMAGE_PULL_SECRETS  | ok,Not_ok   | "Not_ok": use names of Secrets, separated by commas
                    OPERATOR_LEADER_ELECTION            | yes         | "yes": use true or false
                    OPERATOR_LEASE_NAME                 | The Lease   | "The Lease": use a name that Kubernetes takes: small letters, digits, dashes and dots
                    OPERATOR_HTTP_PORT                  | 65536       | "65536": use a whole number from 0 to 65535
                    OPERATOR_HTTP_PORT                  | http        | "http": use a whole number
                    OPERATOR_STATUS_INTERVAL_SECONDS    | 0           | "0": use a whole number from 1 to 3600
                    OPERATOR_PROGRESS_TIMEOUT_MILLIS    | 5           | "5": use a whole number from 10 to 60000
                    OPERATOR_CONCURRENT_RECONCILIATIONS | 0           | "0": use a whole number from 1 to 1000
                    OPERATOR_ALLOWED_SERVICE_ACCOUNTS   | a,*         | "*": use names of ServiceAccounts, separated by commas
                    OPERATOR_ALLOWED_PRIORITY_CLASSES   | A           | "A": use names of PriorityClasses, separated by commas
                    OPERATOR_ALLOWED_RUNTIME_CLASSES    | A           | "A": use names of RuntimeClasses, separated by commas
                    OPERATOR_ALLOWED_LABELS             | *           | "*": use names of labels, separated by commas, such as team or example.com/*
                    OPERATOR_ALLOWED_LABELS             | embedding-operator.io/job | "embedding-operator.io/job": use names of labels, separated by commas, such as team or example.com/*
                    OPERATOR_ALLOWED_ANNOTATIONS        | a b         | "a b": use names of annotations, separated by commas, such as team or example.com/*
                    OPERATOR_ALLOWED_ENVIRONMENT        | TZ,LD_PRELOAD | "LD_PRELOAD": use names of variables that neither a loader, a shell, the JVM, a driver nor the runner itself reads
                    OPERATOR_ALLOWED_ENVIRONMENT        | EMBEDDING_SINK_URI | "EMBEDDING_SINK_URI": use names of variables that neither a loader, a shell, the JVM, a driver nor the runner itself reads
                    OPERATOR_ALLOWED_BASE_URLS          | openai.com  | "openai.com": use scheme://host, with a port and a path where they matter, or *, separated by commas
                    OPERATOR_ALLOWED_MODEL_URLS         | https://*   | "https://*": use scheme://host, with a port and a path where they matter, or *, separated by commas
                    OPERATOR_LABELLED_KINDS             | Secrets     | "Secrets": use Secret, ConfigMap, PersistentVolumeClaim
                    OPERATOR_LOG_FORMAT                 | xml         | "xml": use json or text
                    OPERATOR_LOG_LEVEL                  | info        | "info": use TRACE, DEBUG, INFO, WARN or ERROR
                    """)
    void aWrongValueIsRefusedWithVariableValueAndRule(String variable, String value, String rule) {
        Map<String, String> environment = new HashMap<>(LEAST);
        environment.put(variable, value);

        assertThatThrownBy(() -> OperatorSettings.from(environment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the environment variable %s is %s".formatted(variable, rule));
    }

    @Test
    void withoutElectionNoNamespaceIsNeeded() {
        Map<String, String> environment = new HashMap<>(LEAST);
        environment.remove(OperatorVariable.NAMESPACE);
        environment.put(OperatorVariable.LEADER_ELECTION, "false");

        assertThat(OperatorSettings.from(environment).leaderElection().enabled())
                .isFalse();
    }
}
