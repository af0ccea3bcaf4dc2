// Makes the same calls as the bare client, through gophercloud.
//
// gophercloud call ENDPOINT TASKS CALLS makes the calls in the given number of goroutines.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/gophercloud/gophercloud"
	"github.com/gophercloud/gophercloud/openstack/orchestration/v1/stacks"
)

const token = "gAAAAABm-a-token-of-the-usual-length-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) != 5 || os.Args[1] != "call" {
		must(fmt.Errorf("usage: CA=FILE gophercloud call ENDPOINT TASKS CALLS"))
	}
	tasks, err := strconv.Atoi(os.Args[3])
	must(err)
	calls, err := strconv.Atoi(os.Args[4])
	must(err)
	ca, err := os.ReadFile(os.Getenv("CA"))
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)

	provider := &gophercloud.ProviderClient{}
	provider.UseTokenLock()
	provider.SetToken(token)
	// By default net/http keeps two idle connections to a host. Keep one for each task.
	provider.HTTPClient.Transport = &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: tasks,
	}
	heat := &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: os.Args[2] + "/", Type: "orchestration"}

	var group sync.WaitGroup
	for task := 0; task < tasks; task++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for call := 0; call < calls/tasks; call++ {
				page, err := stacks.List(heat, nil).AllPages()
				must(err)
				listed, err := stacks.ExtractStacks(page)
				must(err)
				if len(listed) == 0 {
					must(fmt.Errorf("no stacks"))
				}
			}
		}()
	}
	group.Wait()
}
