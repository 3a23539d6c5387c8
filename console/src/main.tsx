import '@cloudscape-design/global-styles/index.css'
import './style.css'
import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router-dom'
import App from './app/app'
import { arrive } from './app/arrive'
import { show } from './app/settings'

show()
arrive()
createRoot(document.getElementById('app') as HTMLElement).render(
  <I18nProvider locale="en" messages={[messages]}>
    <BrowserRouter basename="/_console">
      <Suspense>
        <App />
      </Suspense>
    </BrowserRouter>
  </I18nProvider>,
)
