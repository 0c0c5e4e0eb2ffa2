"""What several screens show: tables, filters, states, tenants, figures, errors."""
