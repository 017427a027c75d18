// Package alertcheck tries the chart's alerts and dashboard on Prometheus' own parser and engine:
//
//	cd dev/alert-check && go test .
package alertcheck

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

const files = "../../helm/embedding-operator/files/"

var promql = parser.NewParser(parser.Options{})

// Series of two runners of one job, each on its shard: labels stand as the PodMonitor sets them.
const (
	first  = `{namespace="search", embedding_job="articles", run="1", shard="0", pod="a"`
	second = `{namespace="search", embedding_job="articles", run="1", shard="1", pod="b"`
	// Of an endpoint's pods, as their own PodMonitor sets them.
	endpoint = `{namespace="search", embedding_endpoint="queries"`
)

func TestAlertsFireWhenTheyShouldAndNotOtherwise(t *testing.T) {
	alerts := read(t)
	for _, example := range []struct {
		alert, name, load, want string
	}{
		{"EmbeddingJobFailed", "a failed job, seen by the leader and not by its replica",
			`embedding_operator_jobs{state="Failed", pod="leader"} 2x20
			embedding_operator_jobs{state="Failed", pod="replica"} 0x20`, `{} 2`},
		{"EmbeddingJobFailed", "none failed", `embedding_operator_jobs{state="Failed"} 0x20`, ``},
		{"EmbeddingJobStalled", "a stalled job", `embedding_operator_jobs{state="Stalled"} 1x20`, `{} 1`},
		{"EmbeddingJobNotStarting", "a waiting job", `embedding_operator_jobs{state="Pending"} 1x20`, `{} 1`},
		{"EmbeddingJobNotStarting", "only running jobs", `embedding_operator_jobs{state="Running"} 1x20`, ``},

		{"EmbeddingJobWithoutProgress", "both shards stand still",
			`embedding_runner_windows_total` + first + `} 7x20
			embedding_runner_windows_total` + second + `} 9x20
			embedding_runner_work_ratio` + first + `} 0.5x20
			embedding_runner_work_ratio` + second + `} 0.5x20`,
			`{namespace="search", embedding_job="articles"} 0`},
		{"EmbeddingJobWithoutProgress", "one shard moves",
			`embedding_runner_windows_total` + first + `} 7x20
			embedding_runner_windows_total` + second + `} 9+1x20
			embedding_runner_work_ratio` + first + `} 0.5x20
			embedding_runner_work_ratio` + second + `} 0.5x20`, ``},
		{"EmbeddingJobWithoutProgress", "nothing is committed while the provider works on batches of the run",
			`embedding_runner_windows_total` + first + `} 7x20
			embedding_runner_work_ratio` + first + `} 0.5x20
			embedding_runner_provider_batches` + first + `, state="in_progress"} 3x20
			embedding_runner_provider_batches` + first + `, state="completed"} 0x20`, ``},
		{"EmbeddingJobWithoutProgress", "the batches are done, and another job's are not",
			`embedding_runner_windows_total` + first + `} 7x20
			embedding_runner_work_ratio` + first + `} 0.5x20
			embedding_runner_provider_batches` + first + `, state="in_progress"} 0x20
			embedding_runner_provider_batches` + first + `, state="completed"} 3x20
			embedding_runner_provider_batches{namespace="search", embedding_job="other", state="in_progress"} 3x20`,
			`{namespace="search", embedding_job="articles"} 0`},
		{"EmbeddingJobWithoutProgress", "every window is through, and the index is being built",
			`embedding_runner_windows_total` + first + `} 7x20
			embedding_runner_work_ratio` + first + `} 1x20`, ``},

		{"EmbeddingJobDocumentsFailing", "a second pod of a shard counts what the first one had counted",
			`embedding_runner_documents_total` + first + `, outcome="failed"} 3x20
			embedding_runner_documents_total{namespace="search", embedding_job="articles", run="1", shard="0", pod="c", outcome="failed"} 4x20
			embedding_runner_documents_total` + second + `, outcome="failed"} 1x20`,
			`{namespace="search", embedding_job="articles"} 5`},
		{"EmbeddingJobDocumentsFailing", "all are well", `embedding_runner_documents_total` + first + `, outcome="failed"} 0x20`, ``},

		{"EmbeddingProviderThrottles", "half of the answers are 429",
			`embedding_runner_provider_responses_total` + first + `, status="200"} 0+60x20
			embedding_runner_provider_responses_total` + first + `, status="429"} 0+60x20`,
			`{namespace="search", embedding_job="articles"} 0.5`},
		{"EmbeddingProviderThrottles", "one in a hundred is",
			`embedding_runner_provider_responses_total` + first + `, status="200"} 0+99x20
			embedding_runner_provider_responses_total` + first + `, status="429"} 0+1x20`, ``},
		{"EmbeddingProviderThrottles", "no provider is asked", `up 1x20`, ``},

		{"EmbeddingEndpointRefuses", "one of ten requests is refused, by one of two pods",
			`embedding_endpoint_requests_seconds_count` + endpoint + `, pod="a", status="200"} 0+60x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, pod="b", status="200"} 0+30x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, pod="b", status="429"} 0+10x20`,
			`{namespace="search", embedding_endpoint="queries"} 0.1`},
		{"EmbeddingEndpointRefuses", "one of a hundred is",
			`embedding_endpoint_requests_seconds_count` + endpoint + `, status="200"} 0+99x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, status="429"} 0+1x20`, ``},
		{"EmbeddingEndpointRefuses", "no request comes",
			`embedding_endpoint_requests_seconds_count` + endpoint + `, status="200"} 7x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, status="429"} 0x20`, ``},
		{"EmbeddingEndpointFails", "one of ten requests fails",
			`embedding_endpoint_requests_seconds_count` + endpoint + `, status="200"} 0+90x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, status="500"} 0+10x20`,
			`{namespace="search", embedding_endpoint="queries"} 0.1`},
		{"EmbeddingEndpointFails", "clients go away",
			`embedding_endpoint_requests_seconds_count` + endpoint + `, status="200"} 0+90x20
			embedding_endpoint_requests_seconds_count` + endpoint + `, status="499"} 0+10x20`, ``},
		{"EmbeddingEndpointSlow", "two of a hundred replies take two seconds",
			`embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="200", le="1.0"} 0+98x20
			embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="200", le="2.0"} 0+100x20
			embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="200", le="+Inf"} 0+100x20`,
			`{namespace="search", embedding_endpoint="queries"} 1.5`},
		{"EmbeddingEndpointSlow", "refusals alone are slow",
			`embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="200", le="0.01"} 0+100x20
			embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="200", le="+Inf"} 0+100x20
			embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="429", le="5.0"} 0+100x20
			embedding_endpoint_requests_seconds_bucket` + endpoint + `, status="429", le="+Inf"} 0+100x20`, ``},

		{"EmbeddingOperatorDown", "it does not answer", `up{job="embedding-operator"} 0x20`, `{} 1`},
		{"EmbeddingOperatorDown", "it is not there", `up{job="other"} 1x20`, `{} 1`},
		{"EmbeddingOperatorDown", "one of two answers",
			`up{job="embedding-operator", pod="a"} 0x20
			up{job="embedding-operator", pod="b"} 1x20`, ``},

		{"EmbeddingOperatorReconcileErrors", "an attempt fails every ten seconds",
			`operator_sdk_reconciliations_failed_total{exception="X"} 0+6x20`, `{exception="X"} 0.1`},
		{"EmbeddingOperatorReconcileErrors", "one failed long ago",
			`operator_sdk_reconciliations_failed_total{exception="X"} 1x20`, ``},
	} {
		t.Run(example.alert+": "+example.name, func(t *testing.T) {
			expression := strings.Join(strings.Fields(alerts[example.alert].Expr), " ")
			if expression == "" {
				t.Fatal("there is no such alert")
			}
			engine := promqltest.NewTestEngine(t, false, 5*time.Minute, promqltest.DefaultMaxSamplesPerQuery)
			script := "load 1m\n\t" + example.load + "\n\neval instant at 15m " + expression + "\n\t" + example.want + "\n"
			promqltest.RunTest(t, script, engine)
		})
	}
}

func TestEveryAlertIsTried(t *testing.T) {
	source, err := os.ReadFile("alerts_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for alert := range read(t) {
		if !strings.Contains(string(source), `{"`+alert+`", `) {
			t.Errorf("%s is not tried", alert)
		}
	}
}

func TestDashboardAsksInPromQL(t *testing.T) {
	content, err := os.ReadFile(files + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(content, &dashboard); err != nil {
		t.Fatal(err)
	}
	interval := regexp.MustCompile(`\$__rate_interval`)
	asked := 0
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			asked++
			if _, err := promql.ParseExpr(interval.ReplaceAllString(target.Expr, "5m")); err != nil {
				t.Errorf("%s: %v", panel.Title, err)
			}
		}
	}
	if asked < 20 {
		t.Errorf("only %d queries were found", asked)
	}
}

// read returns the alerts by name, once Prometheus has accepted their expressions and the templates of their texts.
func read(t *testing.T) map[string]rulefmt.Rule {
	content, err := os.ReadFile(files + "alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(content, false, model.UTF8Validation, promql, slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	alerts := map[string]rulefmt.Rule{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			alerts[rule.Alert] = rule
		}
	}
	return alerts
}
