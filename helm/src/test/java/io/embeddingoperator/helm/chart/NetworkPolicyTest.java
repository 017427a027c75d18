package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkPolicyTest {
    @Test
    void letsOnlyTheOperatorReachTheRunners() {
        RenderedChart chart = Chart.render("watchNamespaces: [search]");

        NetworkPolicy policy = chart.named(NetworkPolicy.class, "embedding-operator-runners");
        assertThat(policy.getMetadata().getNamespace()).isEqualTo("search");
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of(
                        "app.kubernetes.io/name", "embedding-runner",
                        "app.kubernetes.io/managed-by", "embedding-operator"));
        assertThat(policy.getSpec().getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort().getStrVal()).isEqualTo("http"));
            assertThat(rule.getFrom()).singleElement().satisfies(peer -> {
                assertThat(peer.getNamespaceSelector().getMatchLabels())
                        .isEqualTo(Map.of("kubernetes.io/metadata.name", Chart.NAMESPACE));
                assertThat(peer.getPodSelector())
                        .isEqualTo(chart.only(Deployment.class).getSpec().getSelector());
            });
        });
    }

    @Test
    void letsTheOperatorAndTheNamespaceReachTheEndpoints() {
        NetworkPolicy policy =
                Chart.render("watchNamespaces: [search]").named(NetworkPolicy.class, "embedding-operator-endpoints");

        assertThat(policy.getMetadata().getNamespace()).isEqualTo("search");
        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of(
                        "app.kubernetes.io/name", "embedding-endpoint",
                        "app.kubernetes.io/managed-by", "embedding-operator"));
        List<NetworkPolicyPeer> peers = policy.getSpec().getIngress().getFirst().getFrom();
        assertThat(peers).hasSize(2);
        assertThat(peers.getFirst().getNamespaceSelector().getMatchLabels())
                .isEqualTo(Map.of("kubernetes.io/metadata.name", Chart.NAMESPACE));
        assertThat(peers.getLast().getNamespaceSelector()).isNull();
        assertThat(peers.getLast().getPodSelector().getMatchLabels()).isEmpty();
    }

    @Test
    void letsTheOperatorReachWhatItNeedsAndPrometheusReachTheOperator() {
        RenderedChart chart = Chart.render("networkPolicy: {operator: {apiServerPorts: [8443]}}");

        NetworkPolicy policy = chart.only(NetworkPolicy.class);
        assertThat(policy.getMetadata().getNamespace()).isEqualTo(Chart.NAMESPACE);
        assertThat(policy.getSpec().getPodSelector())
                .isEqualTo(chart.only(Deployment.class).getSpec().getSelector());
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec()
                        .getIngress()
                        .getFirst()
                        .getFrom()
                        .getFirst()
                        .getPodSelector()
                        .getMatchLabels())
                .isEqualTo(Map.of("app.kubernetes.io/name", "prometheus"));
        assertThat(policy.getSpec().getEgress())
                .flatExtracting(rule -> rule.getPorts())
                .extracting(port -> port.getPort().getValue())
                .containsExactly(53, 53, 8443, "http");
        assertThat(Chart.render("networkPolicy: {operator: {enabled: false}}").all(NetworkPolicy.class))
                .isEmpty();
    }

    @Test
    void letsPrometheusInWhereItScrapesTheRunners() {
        List<NetworkPolicyPeer> peers = Chart.renderCombination("one-namespace.yaml")
                .named(NetworkPolicy.class, "embedding-operator-runners")
                .getSpec()
                .getIngress()
                .getFirst()
                .getFrom();

        assertThat(peers).hasSize(2);
        assertThat(peers.getLast().getNamespaceSelector()).isNotNull();
        assertThat(peers.getLast().getPodSelector().getMatchLabels())
                .isEqualTo(Map.of("app.kubernetes.io/name", "prometheus"));
    }

    @Test
    void standsOnceInEveryNamespaceThatIsNamed() {
        assertThat(Chart.renderCombination("everything.yaml").all(NetworkPolicy.class))
                .filteredOn(policy -> policy.getMetadata().getName().endsWith("-runners"))
                .extracting(policy -> policy.getMetadata().getNamespace())
                .containsExactlyInAnyOrder("search", "shop", "archive");
    }

    @Test
    void isMissedInTheNotesWhereNoNamespaceIsNamed() {
        assertThat(Chart.render("").all(NetworkPolicy.class))
                .extracting(policy -> policy.getMetadata().getName())
                .containsExactly("embedding-operator");
        assertThat(Chart.notes("")).contains("No NetworkPolicy was made", "networkPolicy.namespaces");
        assertThat(Chart.notes("networkPolicy: {namespaces: [search]}")).doesNotContain("No NetworkPolicy");
    }
}
