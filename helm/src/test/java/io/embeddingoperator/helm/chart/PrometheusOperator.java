package io.embeddingoperator.helm.chart;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The types of the Prometheus Operator as its makers publish them. */
final class PrometheusOperator {
    private static final Path SCRIPT =
            Path.of("../dev/prometheus-operator-crds").toAbsolutePath().normalize();
    private static final List<String> PLURALS = List.of("podmonitors", "servicemonitors", "prometheusrules");
    private static final int LIMIT_SECONDS = 60;

    private PrometheusOperator() {}

    /** Teaches a cluster those of its types that the chart uses. */
    static void install(KubernetesClient client) {
        Path folder = folder();
        for (String plural : PLURALS) {
            var crd = client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .load(folder.resolve("monitoring.coreos.com_" + plural + ".yaml")
                            .toFile())
                    .create();
            client.resource(crd).waitUntilCondition(ChartIT::isEstablished, LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Path folder() {
        try {
            Process process = new ProcessBuilder(SCRIPT.toString(), "ensure")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(SCRIPT + " ensure has failed; its message tells why");
            }
            return Path.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + SCRIPT + " ran", e);
        }
    }
}
